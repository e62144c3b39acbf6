"""统计 over rows and terms (5.11.11 to 5.11.18): exact bounds against all ways to settle what is open, costs, remedies."""

from __future__ import annotations

import itertools
import pickle
import random
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import pytest

from policyrules import Policy
from policyrules.engine import portfolio
from policyrules.engine import values as v
from policyrules.engine.members import Key, match_keys
from policyrules.engine.portfolio import Keys
from policyrules.engine.tally import Part, Tally, sums_of
from policyrules.engine.values import Truth
from policyrules.testing.build import policy_from_text, try_policy_from_text

WORLD = """
对象 县（county）
  字段 县名（county_name）：文本
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
  字段 所在县（in_county）：文本
  字段 总投资（total）：金额（万元）
对象 资金（funds） 属于 项目
  字段 资金来源（source）：枚举 { 衔接资金、其他 }
  字段 用途（used_for）：枚举 { 产业、基建 }
  字段 年度（year）：年份
  字段 金额（amount）：金额（万元） 取值 0 万元 以上
  字段 余额（balance）：金额（万元）
"""
SHARES = """
统计 金额占比
  占比 资金.金额
  符合 用途 为 产业
统计 余额占比
  占比 资金.余额
  符合 用途 为 产业
统计 金额合计
  合计 资金.余额
"""
Case = tuple[Truth, Truth, int, int]
"""Whether a member counts and matches, and between which amounts."""


@pytest.fixture(scope="module")
def rules() -> Policy:
    return policy_from_text(WORLD + SHARES)


def settlements(cases: Iterable[Case]) -> Iterable[tuple[list[tuple[bool, int]], ...]]:
    """Every way to settle what is open, with whole amounts: of each member that counts whether it matches, and its amount."""
    each = []
    for where, match, low, high in cases:
        ways: list[list[tuple[bool, int]]] = [] if where else [[]]
        matches = (True, False) if match is None else (match,)
        ways += [[(one, amount)] for one in matches for amount in range(low, high + 1)]
        each.append(ways)
    return itertools.product(*each)


def found_shares(cases: list[Case]) -> set[Fraction | str | None]:
    """Every share that may come out; None for 0 of 0, “any” for a quotient by zero."""
    found: set[Fraction | str | None] = set()
    for settled in settlements(cases):
        members = [member for chosen in settled for member in chosen]
        part, whole = sum(a for match, a in members if match), sum(a for _, a in members)
        found.add(Fraction(part, whole) if whole else None if not part else "any")
    return found


def told(rules: Policy, name: str, cases: list[Case], unlimited: bool = False) -> v.Abstract:
    tally = Tally(rules.program.statistics[name], name == "金额占比")
    held: Counter[Any] = Counter()
    for where, match, low, high in cases:
        held[where, Part(match, v.interval(low, high))] += 1
    return tally.bounds(sums_of(tally, held), lambda: held, unlimited=unlimited)


def some_cases(chooser: random.Random, low: int) -> list[Case]:
    cases: list[Case] = []
    for _ in range(chooser.randint(0, 4)):
        least = chooser.randint(low, 3)
        most = least + chooser.choice((0, 0, 1, 2))
        cases.append((chooser.choice((True, None)), chooser.choice((True, False, None)), least, most))
    return cases


def test_the_share_of_amounts_is_exact() -> None:
    """“Its bounds are exact where no amount is negative” (5.11.16): the least and the greatest of all shares, and void as
    far as some or all are."""
    rules = policy_from_text(WORLD + SHARES)
    chooser = random.Random(4)
    for _ in range(1500):
        cases = some_cases(chooser, 0)
        shares = found_shares(cases)
        numbers = [share for share in shares if isinstance(share, Fraction)]
        expected = v.interval(min(numbers), max(numbers), None in shares) if numbers else v.VOID
        assert told(rules, "金额占比", cases) == expected, cases


def test_the_share_of_signed_amounts_is_exact_while_the_total_is_not_zero() -> None:
    """“Where amounts may be negative the bounds are exact while the total cannot be zero” (5.11.17)."""
    rules = policy_from_text(WORLD + SHARES)
    chooser = random.Random(5)
    looked = 0
    for _ in range(4000):
        cases = some_cases(chooser, -3)
        got, shares = told(rules, "余额占比", cases), found_shares(cases)
        numbers = [share for share in shares if isinstance(share, Fraction)]
        low, high, void = v.bounds(got)
        assert "any" not in shares or (low, high) == (None, None), cases
        assert all((low is None or low <= one) and (high is None or one <= high) for one in numbers), cases
        assert None not in shares or void, cases
        totals = {sum(a for chosen in settled for _, a in chosen) for settled in settlements(cases)}
        if cases and (min(totals) > 0 or max(totals) < 0):
            looked += 1
            assert got == v.interval(min(numbers), max(numbers)), cases
    assert looked > 300


def test_unlimited_rows_leave_a_share_of_amounts_open() -> None:
    """“a 占比 is between 0 and 1 …; one of amounts that may be negative is any number” (5.11.14)."""
    rules = policy_from_text(WORLD + SHARES)
    assert told(rules, "金额占比", [(True, True, 5, 5)], unlimited=True) == v.Interval(0, 1)
    assert told(rules, "金额占比", [(None, True, 5, 5)], unlimited=True) == v.Interval(0, 1, True)
    assert told(rules, "余额占比", [(True, True, 5, 5)], unlimited=True) == v.Interval(None, None, True)


def test_sums_do_not_depend_on_how_members_are_put_together(rules: Policy) -> None:
    """A group is the sum of its parts, whatever is taken out and put in again."""
    tally = Tally(rules.program.statistics["金额合计"], False)
    held = Counter({(True, 3): 2, (None, v.Interval(-1, None)): 1, (None, v.VOID): 1, (True, Fraction(1, 3)): 3})
    whole = sums_of(tally, held)
    parts = [sums_of(tally, Counter({one: count})) for one, count in held.items()]
    assert whole == tuple(map(sum, zip(*parts, strict=True)))
    assert tally.bounds(whole, lambda: held, unlimited=False) == v.Interval(6, None, True)


# ---- whole records --------------------------------------------------------------------------------------------------

BY_COUNTY = """
统计 全县资金
  合计 资金.金额
  相同 所在县
统计 同年资金
  合计 资金.金额
  相同 所在县、年度
统计 去年资金
  合计 资金.金额
  相同 所在县
  其中 年度 = 2024 年
决定 丙（c）：单选 { 是的 }
规则 丙规
  当 全县资金 > 去年资金
  则 丙 为 是的
义务 县里够数 对 县
  应当 全县资金 ≥ 8 万元
义务 同年够数 对 资金
  应当 同年资金 ≥ 5 万元
提示 数目
  说 “{全县资金}”
"""


def funds(*rows: tuple[object, ...]) -> list[dict[str, object]]:
    return [
        {name: value for name, value in zip(("年度", "金额"), row, strict=True) if value is not None} for row in rows
    ]


LEDGER = [
    {"编号": "1", "所在县": "甲", "资金": funds((2024, 1), (2025, 4))},
    {"编号": "2", "所在县": "甲", "资金": funds((2025, 2), (None, 3))},
    {"编号": "3", "所在县": "乙", "资金": funds((2024, 7))},
    {"编号": "4", "所在县": "乙", "资金": []},
]


def statuses(rules: Policy, record: dict[str, object], ledger: list[dict[str, object]]) -> list[tuple[str, str, str]]:
    outcome = rules.evaluate(record, ledger)
    return [(one.name, one.object, one.status) for one in outcome.findings if one.name != "数目"]


def test_a_county_is_told_of_its_own_rows() -> None:
    """甲: 1 + 4 + 2 + 3 = 10 万元, 2025 between 6 and 9; 乙: 7 万元 (5.11.11 to 5.11.13)."""
    rules = policy_from_text(WORLD + BY_COUNTY)
    assert statuses(rules, LEDGER[0], LEDGER) == [
        ("县里够数", "县", "compliant"),
        ("同年够数", "资金[0]", "violated"),
        ("同年够数", "资金[1]", "compliant"),
    ]
    assert statuses(rules, LEDGER[1], LEDGER)[1:] == [
        ("同年够数", "资金[0]", "compliant"),
        ("同年够数", "资金[1]", "unverified"),
    ]
    assert statuses(rules, LEDGER[2], LEDGER)[0] == ("县里够数", "县", "violated")
    assert rules.evaluate(LEDGER[3], LEDGER).findings[-1].message == "7 万元"
    outcome = pickle.loads(pickle.dumps(rules.evaluate(LEDGER[0], LEDGER)))
    assert [one.message for one in outcome.findings][-1] == "10 万元"


def test_a_record_counts_once_with_its_rows() -> None:
    """“those of every record of the portfolio and of the record itself (5.11.1)”: an older state is replaced, a new record
    joins, by itself or as a member."""
    rules = policy_from_text(WORLD + BY_COUNTY)
    newer = {**LEDGER[0], "资金": funds((2025, 6))}
    assert rules.evaluate(newer, LEDGER).findings[-1].message == "11 万元"
    joins = {"编号": "9", "所在县": "甲", "资金": funds((2025, 6))}
    assert rules.evaluate(joins, LEDGER).findings[-1].message == "16 万元"
    assert rules.evaluate(joins, [*LEDGER, joins]).findings[-1].message == "16 万元"


def test_what_is_missing_are_the_rows_that_matter() -> None:
    """Lists are asked for of the record itself; what others lack is one blank for each statistic, of those alone that may
    hold rows of the group (5.13.7)."""
    rules = policy_from_text(WORLD + BY_COUNTY)
    without = {"编号": "9", "所在县": "甲"}
    assert [str(blank) for blank in rules.evaluate(without, LEDGER)["丙"].missing] == [
        "资金",
        "去年资金：另有 1 行资金未定（2）",
    ]
    elsewhere = {"编号": "7", "所在县": "乙"}
    known = [{"编号": "1", "所在县": "甲", "资金": []}, without, elsewhere, {"编号": "8"}]
    every, last = rules.evaluate(known[0], known)["丙"].missing
    assert str(every) == "全县资金：另有 2 处未附资金（9、8）"
    assert str(last) == "去年资金：另有 2 处未附资金（9、8）"
    assert (every.count, every.members) == (2, ("9", "8"))
    many = [known[0], *({"编号": f"无{number}", "所在县": "甲"} for number in range(60))]
    every, last = rules.evaluate(many[0], many)["丙"].missing
    assert str(every) == "全县资金：另有 60 处未附资金（无0、无1、无2 等）" and every.count == 60
    own, every, last = rules.evaluate(many[3], many)["丙"].missing
    assert own.name == "资金" and every.members == ("无0", "无1", "无3") and last.count == 59


def test_rows_of_the_record_agree_with_the_row_spoken_of_by_its_own_cells() -> None:
    """“A cell agrees with itself, blank or not” (5.11.13): the blank county of the record is not what its own rows wait for."""
    rules = policy_from_text(WORLD + BY_COUNTY)
    outcome = rules.evaluate({"编号": "1", "资金": funds((2024, 3), (None, 3))}, [])
    first, second = (one for one in outcome.findings if one.name == "同年够数")
    assert [str(blank) for blank in first.missing] == ["资金第2行.年度"]
    assert [str(blank) for blank in second.missing] == ["资金第2行.年度"]


@pytest.mark.parametrize("blank", [0.0, 0.3])
def test_the_cost_grows_with_the_ledger_alone(monkeypatch: pytest.MonkeyPatch, blank: float) -> None:
    """Twice the records are twice the work, also where keys are blank: what the members of a group come to is put together
    once, and a record only changes it by its own."""
    rules = policy_from_text(WORLD + BY_COUNTY)
    steps: list[int] = []
    plain, counted = Tally.sums, 0

    def sums(self: Tally, contribution: Any) -> Any:
        nonlocal counted
        counted += 1
        return plain(self, contribution)

    monkeypatch.setattr(Tally, "sums", sums)
    for size in (150, 300, 600):
        chooser = random.Random(7)
        ledger: list[dict[str, object]] = []
        for number in range(size):
            years = [None if chooser.random() < blank else chooser.randint(2020, 2025) for _ in range(3)]
            record: dict[str, object] = {"编号": str(number), "资金": funds(*((year, number + 1) for year in years))}
            if chooser.random() >= blank:
                record["所在县"] = f"县{number % 9}"
            ledger.append(record)
        counted = 0
        members = rules.portfolio(ledger)
        for record in ledger:
            rules.evaluate(record, members)
        steps.append(counted)
    assert steps[2] < 3 * steps[1] < 9 * steps[0]


def test_keys_are_found_that_match() -> None:
    """Whatever is known of keys, those are found that `match_keys` does not tell apart: first the sure ones, as they came."""
    chooser = random.Random(11)
    texts: list[v.Abstract] = ["甲", "乙", "丙", v.ANY_TEXT, v.Candidates(("甲", "乙")), v.VOID]
    numbers: list[v.Abstract] = [
        1,
        2,
        3,
        v.Interval(None, None),
        v.Interval(2, None),
        v.Interval(None, 1, True),
        v.VOID,
    ]
    sets: list[v.Abstract] = [frozenset("甲"), frozenset("乙"), v.SetRange(frozenset(), None), None, True]
    for _ in range(200):
        keys = Keys()
        put = [tuple(map(chooser.choice, (texts, numbers, sets))) for _ in range(chooser.randint(0, 25))]
        for key in put:
            keys.put(key)
        asked = tuple(map(chooser.choice, (texts, numbers, sets)))
        matches = [(key, match_keys(asked, key)) for key in dict.fromkeys(put)]
        expected = [pair for pair in matches if pair[1] is True] + [pair for pair in matches if pair[1] is None]
        assert keys.listed(keys.matching(asked)) == expected, asked


def test_blank_and_known_keys_that_cross_are_not_compared_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the records know one part of the key, half the other, all of them different: each may be of the group of
    every one of the other half, and of none of its own."""
    rules = policy_from_text(
        "对象 项目（project） 标识 编号\n  字段 编号（id）：文本\n  字段 甲号（a）：文本\n  字段 乙号（b）：文本\n"
        "统计 同号\n  计数 项目\n  相同 甲号、乙号\n决定 多（many）：单选 { 真 }\n规则 多真\n  当 同号 ≥ 20\n  则 多 为 真\n"
    )
    compared = 0

    def counting(left: Key, right: Key) -> Truth:
        nonlocal compared
        compared += 1
        return match_keys(left, right)

    monkeypatch.setattr(portfolio, "match_keys", counting)
    steps = []
    for size in (100, 200, 400):
        ledger = [{"编号": str(n), "甲号" if n % 2 else "乙号": f"号{n}"} for n in range(size)]
        compared = 0
        for outcome in rules.evaluate_all(ledger):
            assert outcome["多"].status == "undetermined"
            own, others = outcome["多"].missing
            assert own.own and (others.count, len(others.members)) == (size // 2, 3)
        steps.append(compared)
    assert steps[2] < 3 * steps[1] < 9 * steps[0]


# ---- remedies that lead somewhere -----------------------------------------------------------------------------------

TERM = "术语 衔接小计 即 合计 资金.金额 其中（资金来源 为 衔接资金）\n"


@pytest.mark.parametrize(
    ("written", "code", "remedy", "instead"),
    [
        (
            "统计 甲\n  合计 衔接小计",
            "E130",
            "写成“合计 项目.衔接小计”",
            "统计 甲\n  合计 项目.衔接小计",
        ),
        (
            "统计 甲\n  合计 衔接小计.金额",
            "E201",
            "写成 合计 项目.衔接小计",
            "统计 甲\n  合计 项目.衔接小计",
        ),
        (
            "统计 甲\n  合计 资金.资金来源",
            "E204",
            "数有几种，写 种数 资金.资金来源；数有几个，写 计数 资金 和 其中 …",
            "统计 甲\n  种数 资金.资金来源",
        ),
        (
            "统计 甲\n  计数 县",
            "E212",
            "先写 术语 所属县名 即 县.县名，再写 种数 项目.所属县名",
            "术语 所属县名 即 县.县名\n统计 甲\n  种数 项目.所属县名",
        ),
        (
            "对象 村（village）\n  字段 村名（village_name）：文本\n统计 甲\n  计数 村",
            "E212",
            "要统计村，先让它属于项目：对象 村 属于 项目",
            "对象 村（village） 属于 项目\n  字段 村名（village_name）：文本\n统计 甲\n  计数 村",
        ),
        (
            "义务 甲 对 县\n  应当 合计 项目.总投资 ≥ 5 万元",
            "E212",
            "另写 统计 全县项目总投资，下一行写 合计 项目.总投资，下一行写 相同 县名；这里写 全县项目总投资",
            "统计 全县项目总投资\n  合计 项目.总投资\n  相同 县名\n义务 甲 对 县\n  应当 全县项目总投资 ≥ 5 万元",
        ),
        (
            "义务 甲 对 县\n  应当 合计 资金.金额 ≥ 5 万元",
            "E212",
            "另写 统计 全县资金金额，下一行写 合计 资金.金额，下一行写 相同 县名；这里写 全县资金金额",
            "统计 全县资金金额\n  合计 资金.金额\n  相同 县名\n义务 甲 对 县\n  应当 全县资金金额 ≥ 5 万元",
        ),
        (
            "义务 甲\n  应当 合计 项目.资金.金额 ≥ 5 万元",
            "E130",
            "写成“资金.金额”",
            "义务 甲\n  应当 合计 资金.金额 ≥ 5 万元",
        ),
        (
            "统计 甲\n  合计 项目.资金.金额",
            "E130",
            "写成“资金.金额”",
            "统计 甲\n  合计 资金.金额",
        ),
        (
            "义务 甲\n  应当 合计 资金.资金来源 ≥ 5",
            "E204",
            "数有几行，写成 计数 资金 其中（资金来源 为 …）",
            "义务 甲\n  应当 计数 资金 其中（资金来源 为 其他） ≥ 5",
        ),
        (
            "统计 同年\n  计数 资金\n  相同 年度\n义务 甲\n  应当 同年 ≥ 5",
            "E220",
            "在 对 资金 的条文里用；要某一组的数，“相同”里不写年度，另起一行写 其中 年度 为 …",
            "统计 同年\n  计数 资金\n  其中 年度 为 2025 年\n义务 甲\n  应当 同年 ≥ 5",
        ),
    ],
)
def test_remedies_load(written: str, code: str, remedy: str, instead: str) -> None:
    refused, found = try_policy_from_text(WORLD + TERM + written + "\n")
    assert refused is None
    assert [(one.code, one.remedy) for one in found if one.severity == "error"] == [(code, remedy)]
    assert try_policy_from_text(WORLD + TERM + instead + "\n")[0] is not None


def test_a_term_and_a_statistic_in_a_circle() -> None:
    text = "术语 一 即 视（二 > 5 万元）（是：1 万元；否：2 万元）\n统计 二\n  合计 项目.一\n"
    _, found = try_policy_from_text(WORLD + text)
    assert [one.code for one in found] == ["E209"]


def test_a_term_that_reads_a_statistic_is_added_up() -> None:
    """1 + 4 is more than 4 for 1, 2 + 3 for 2, 7 for 3: three records with 1 万元 each."""
    text = "统计 笔数\n  计数 资金\n术语 档 即 视（笔数 > 3）（是：1 万元；否：0 万元）\n统计 档次和\n  合计 项目.档\n提示 数目\n  说 “{档次和}”\n"
    rules = policy_from_text(WORLD + text)
    assert rules.evaluate(LEDGER[0], LEDGER).findings[0].message == "4 万元"
    assert rules.evaluate({"编号": "1", "资金": []}, LEDGER).findings[0].message == "0 万元"

"""What a provision on a county is told to write when it asks for what stands in the records of the county.

The meaning of what was typed is had from the definition, without a statistic: the same words below a policy in which the county
is the record and lists its rows itself. Who obeys the remedy comes to the same, whatever is blank and whatever other counties hold.
"""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

from policyrules import Policy
from policyrules.testing.build import policy_from_text, try_policy_from_text

FIELDS = """\
  字段 租金：金额（万元） 取值 0 万元 以上
  字段 户数：整数（户）
  字段 建成：是否
  字段 效益：枚举 { 好、差 }
  字段 建成日：日期
"""


def ledger_of(rows: str) -> str:
    """The policy of a ledger where 项目, or their 资金, have the fields."""
    own, below = (FIELDS, "") if rows == "项目" else ("", FIELDS)
    return f"""\
对象 市 标识 市名
  字段 市名：文本
对象 县 属于 市 标识 县名
  字段 县名：文本
  字段 线：整数（户）
对象 项目 属于 县 标识 编号
  字段 编号：文本
{own}\
对象 资金 属于 项目
  字段 摘要：文本
{below}"""


LISTED = f"""\
对象 县 标识 县名
  字段 县名：文本
  字段 线：整数（户）
对象 行 属于 县
{FIELDS}"""
DUTY = "义务 够数 对 县\n  应当 {}\n"
WHERES = ("", "建成", "效益 为 好 且 非 建成", "户数 ≥ 10 户 或 建成日 未填", "户数 > 线")
ASKED = [
    (f"{kind}{f' 其中（{where}）' if where else ''}", tail)
    for kind, tail in (("计数 {rows}", " ≥ 2"), ("合计 {rows}.租金", " ≥ 5 万元"), ("合计 {rows}.户数", " < 20 户"))
    for where in WHERES
]
ASKED += [(f"{kind} {{rows}} 满足（{where}）", "") for kind in ("任一", "全部") for where in WHERES if where]


def obeyed(ledger: str, typed: str, asked: str, used: str = "") -> tuple[str, str]:
    """``typed`` after somebody did what the remedy says, with ``used`` for a name of his own; and the remedy."""
    first = try_policy_from_text(ledger + typed)[1][0]
    remedy = first.remedy or ""
    found = re.fullmatch(r"另写 统计 ?(\w+)，(.+?)；这里写(?: ([^；]+)|统计的名称)", remedy)
    assert found is not None, (typed, remedy)
    lines = [line.removeprefix("下一行写 ") for line in re.split(r"，(?=下一行写 )", found[2])]
    statistic = "\n  ".join([f"统计 {used or found[1]}", *lines])
    return f"{statistic}\n{typed.replace(asked, found[3] or used)}", remedy


def ledger(chance: random.Random, rows: str, blanks: float) -> list[dict[str, Any]]:
    """Projects of three counties, with or without rows of 资金; every cell is blank with a chance of ``blanks``."""
    counties = {
        name: {"县名": name, "线": chance.choice([5, 15]), "市": {"市名": "某市"}} for name in ("东县", "西县", "南县")
    }

    def cells() -> dict[str, Any]:
        values: dict[str, Any] = {
            "租金": chance.randint(0, 5),
            "户数": chance.randint(0, 20),
            "建成": chance.choice(["是", "否"]),
            "效益": chance.choice(["好", "差"]),
            "建成日": "2024-03-01",
        }
        return {name: value for name, value in values.items() if chance.random() >= blanks}

    return [
        {
            "编号": str(number),
            "县": county,
            **(cells() if rows == "项目" else {}),
            "资金": [cells() for _ in range(chance.randrange(3))] if rows == "资金" else [],
        }
        for number, county in enumerate(chance.choices(list(counties.values()), k=7))
    ]


def listed(members: list[dict[str, Any]], rows: str) -> dict[str, dict[str, Any]]:
    """The counties with what they hold listed in themselves."""
    found: dict[str, dict[str, Any]] = {}
    for member in members:
        county = member["县"]
        held = [{name: value for name, value in member.items() if name not in ("编号", "县", "资金")}]
        own = found.setdefault(county["县名"], {"县名": county["县名"], "线": county["线"], "行": []})
        own["行"] += held if rows == "项目" else member["资金"]
    return found


def agree(meant: Policy, written: Policy, rows: str, blanks: float = 0.3) -> set[str]:
    """The statuses met; every record of a county is told what the county that lists its rows is told."""
    chance, met = random.Random(11), set()
    for _ in range(12):
        members = ledger(chance, rows, blanks)
        counties = listed(members, rows)
        for member in members:
            want = meant.evaluate(counties[member["县"]["县名"]]).findings[0].status
            assert written.evaluate(member, members).findings[0].status == want, member
            met.add(want)
    return met


@pytest.mark.parametrize("rows", ["项目", "资金"])
@pytest.mark.parametrize(("asked", "tail"), ASKED)
def test_who_obeys_counts_the_county_and_no_other(asked: str, tail: str, rows: str) -> None:
    typed = DUTY.format(asked.format(rows=rows) + tail)
    meant = policy_from_text(LISTED + DUTY.format(asked.format(rows="行") + tail))
    text, remedy = obeyed(ledger_of(rows), typed, asked.format(rows=rows))
    assert "相同 县名" in remedy
    assert len(agree(meant, policy_from_text(ledger_of(rows) + text), rows)) > 1


@pytest.mark.parametrize("rows", ["项目", "资金"])
@pytest.mark.parametrize(("kind", "sign"), [("最大", ">"), ("最小", "<")])
def test_the_greatest_and_the_least_are_asked_by_one_that_is_beyond(kind: str, sign: str, rows: str) -> None:
    asked = f"{kind} {{rows}}.租金 {sign} 4 万元"
    typed = DUTY.format(asked.format(rows=rows))
    remedy = try_policy_from_text(ledger_of(rows) + typed)[1][0].remedy or ""
    assert remedy.endswith(f"写 任一 {rows} 满足（租金 {sign} …）") and f"没有“{kind}”" in remedy
    any_one = f"任一 {rows} 满足（租金 {sign} 4 万元）"
    text, _ = obeyed(ledger_of(rows), DUTY.format(any_one), any_one)
    meant = policy_from_text(LISTED + DUTY.format(asked.format(rows="行")))
    assert len(agree(meant, policy_from_text(ledger_of(rows) + text), rows)) > 1


@pytest.mark.parametrize("field", ["", ".租金"])
@pytest.mark.parametrize("rows", ["项目", "资金"])
def test_a_share_is_of_the_county(field: str, rows: str) -> None:
    """0 of 0 meets no threshold."""
    asked = f"占比 {rows}{field}"
    text, remedy = obeyed(ledger_of(rows), DUTY.format(f"{asked} ≥ 50%"), asked, "所占")
    assert "相同 县名" in remedy
    written = policy_from_text(ledger_of(rows) + text.replace("…（占比的分子）", "建成"))
    chance, met = random.Random(12), set()
    for _ in range(12):
        members = ledger(chance, rows, 0)
        counties = listed(members, rows)
        for member in members:
            held = [(row["租金"] if field else 1, row["建成"] == "是") for row in counties[member["县"]["县名"]]["行"]]
            whole, part = sum(each for each, _ in held), sum(each for each, built in held if built)
            want = "compliant" if whole and 2 * part >= whole else "violated"
            assert written.evaluate(member, members).findings[0].status == want, member
            met.add(want)
    assert len(met) == 2


@pytest.mark.parametrize(
    ("object_", "asked", "remedy"),
    [
        # The projects of a city are those of its counties.
        ("市", "计数 项目", "另写 统计 全市项目数，下一行写 计数 项目，下一行写 相同 市名；这里写 全市项目数"),
        # On a project both may be meant.
        (
            "项目",
            "计数 项目 其中（建成）",
            "另写 统计 全部符合的项目数，下一行写 计数 项目，下一行写 其中 建成；这里写 全部符合的项目数；"
            "只算同一个县的，统计里再加一行 相同 县名",
        ),
        ("项目", "种数 资金.效益", "另写 统计 名称，下一行写 种数 资金.效益，下一行写 相同 编号；这里写统计的名称"),
        ("项目", "种数 项目.效益", "另写 统计 名称，下一行写 种数 项目.效益；这里写统计的名称"),
        (
            "县",
            "占比 项目.租金 其中（建成）",
            "另写 统计 名称，下一行写 占比 项目.租金，下一行写 相同 县名，下一行写 其中 …（原来的条件），"
            "下一行写 符合 …（占比的分子）；这里写统计的名称",
        ),
        # What the condition says of the county is said with its name.
        (
            "县",
            "计数 项目 其中（户数 > 本.线）",
            "另写 统计 全县符合的项目数，下一行写 计数 项目，下一行写 相同 县名，"
            "下一行写 其中 …（原来的条件，“本.”改成“县.”）；这里写 全县符合的项目数",
        ),
        ("县", "计数 其他 项目", "删去 其他"),
        ("项目", "计数 其他 项目", "统计把这一个项目自己也数在内，没有“其他”；自己也算的，删去“其他”再写"),
        ("县", "取 项目.租金", "台账里的数只有统计算得出（计数、占比、合计、种数），没有“取”"),
        # A term that is added up: of the county, or this one.
        ("县", "合计 余额", "写成“合计 项目.余额”"),
        ("项目", "合计 余额", "直接写“余额”；要全部项目的，另写 统计 全部余额，里面写 合计 项目.余额，这里写 全部余额"),
    ],
)
def test_what_is_told(object_: str, asked: str, remedy: str) -> None:
    term = "术语 余额 即 租金 × 2\n"
    rows = "资金" if "资金" in asked else "项目"
    text = f"{term if rows == '项目' else ''}提示 看 对 {object_}\n  当 {asked} > 3\n  说 “大”\n"
    assert try_policy_from_text(ledger_of(rows) + text)[1][0].remedy == remedy


@pytest.mark.parametrize(
    ("county", "project", "line"),
    [
        ("对象 县 标识 代码\n  字段 代码：文本\n  字段 县名：文本\n", "", "相同 代码"),
        ("对象 县\n  字段 县名：文本\n", "  字段 所在县：文本\n", "相同 县名"),
        ("对象 县\n  字段 脱贫：是否\n", "  字段 所在县：文本\n", "相同 所在县"),
        ("对象 县 标识 名称\n  字段 名称：文本\n", "  字段 名称：文本\n", "相同 县.名称"),
        ("对象 县\n  字段 脱贫：是否\n", "", "相同 …（写能分清各个县的字段）"),
    ],
)
def test_counties_are_told_apart_by_what_names_them(county: str, project: str, line: str) -> None:
    text = f"{county}对象 项目 属于 县 标识 编号\n  字段 编号：文本\n{project}提示 看 对 县\n  当 计数 项目 > 3\n  说 “大”\n"
    remedy = try_policy_from_text(text)[1][0].remedy or ""
    assert remedy == f"另写 统计 全县项目数，下一行写 计数 项目，下一行写 {line}；这里写 全县项目数"
    if "…" not in line:
        instead = f"统计 全县项目数\n  计数 项目\n  {line}\n{text.replace('计数 项目 >', '全县项目数 >')}"
        assert try_policy_from_text(instead)[0] is not None


def test_a_name_that_is_taken_is_not_given_again() -> None:
    text = "统计 全县项目数\n  计数 项目\n提示 看 对 县\n  当 计数 项目 > 3\n  说 “大”\n"
    assert (try_policy_from_text(ledger_of("项目") + text)[1][0].remedy or "").startswith("另写 统计 全县项目数2，")

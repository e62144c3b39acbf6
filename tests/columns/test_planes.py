"""Ledgers evaluated at once agree with the definition, record by record."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import Any

import pytest

import policyrules as pr
from policyrules.testing.build import policy_from_text

from ..engine.support import policy as engine_policy
from ..model.choosing import Pick, RandomChooser
from ..model.generate import make_record
from ..model.harness import blank_out, leave_out, make_case
from ..model.printing import record
from .agreeing import columnar, definition, differences

ROOT = Path(__file__).resolve().parents[2]
AS_OF = datetime.date(2025, 9, 15)


@pytest.fixture(scope="session")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example ledger."""
    sys.path.insert(0, str(ROOT / "examples" / "ledger"))
    try:
        import generate  # type: ignore[import-not-found]  # a neighbour of the script

        path = tmp_path_factory.mktemp("ledger") / "台账.xlsx"
        generate.generate(path, 120)
    finally:
        sys.path.pop(0)
    return path


@pytest.mark.parametrize("block", [64, 131_072])
def test_example_ledger(workbook: Path, block: int) -> None:
    policy = pr.load(ROOT / "examples" / "county", as_of=AS_OF)
    ledger = policy.read(workbook)
    outcomes = [one for one in policy.evaluate_all(ledger, on_error="collect") if isinstance(one, pr.Outcome)]
    result = policy.evaluate_frame(ledger, block=block)
    assert not result.handed
    said, ours = definition(outcomes), columnar(result, policy.program)
    assert len(said) > 10_000
    assert ours == said


def test_funds() -> None:
    policy = pr.load(ROOT / "examples" / "funds" / "county", as_of=AS_OF)
    ledger = policy.read(ROOT / "examples" / "funds" / "台账.json")
    found, _ = differences(policy, ledger)
    assert found == []


def ledger_of(case: Any, pick: Pick, count: int) -> list[dict[str, Any]]:
    """Records at random: blanks, lists that were not supplied, records without a number."""
    found = []
    for index in range(count):
        root = make_record(case.policy, pick, pick.one((0, 20, 45, 0)), None if pick.chance(6) else f"{index}号")
        if case.folded.presumptions and pick.chance(40):
            blank_out(root, frozenset(case.folded.presumptions))
        if pick.chance(40):
            leave_out(root, pick)
        found.append(record(case.policy, root))
    return found


@pytest.mark.parametrize("seed", range(24))
def test_random_programs(seed: int) -> None:
    chooser = RandomChooser(f"planes {seed}")
    case = make_case(chooser)
    pick = Pick(chooser)
    records = ledger_of(case, pick, pick.one((0, 1, 3, 12, 70)))
    found, _ = differences(case.loaded, records, block=64, threads=pick.one((1, 2)))
    assert found == []


def test_each_under_its_own_parameters(workbook: Path) -> None:
    """As if the projects of each township were a ledger under a policy of their own."""
    policy = pr.load(ROOT / "examples" / "county", as_of=AS_OF)
    records = [record.instance for record in policy.read(workbook).records]
    towns = sorted({str(one.values.get("乡镇")) for one in records})
    assert len(towns) > 3
    given: dict[str, dict[str, object]] = {
        towns[0]: {"反向约束数量": 1, "盘活先于升级": False, "低效利用率": "0.77"},
        towns[1]: {"reverse_min_share": 0.05, "reverse_mode": "达到一项即可", "temp_difficulty_max_months": 1},
        towns[2]: {"未投产预警月数": "3 个月", "一年起算日": datetime.date(2024, 1, 31), "两年左右时长": None},
    }
    result = policy.evaluate_frame(records, parameters=given, by="乡镇", block=64)
    ours = columnar(result, policy.program)
    differ = 0
    # Whoever has no values of its own is under those of the policy, with all others of whom that is so.
    under = [name if name in given else None for name in (str(one.values.get("乡镇")) for one in records)]
    for town in [*given, None]:
        own = policy if town is None else policy.with_parameters(given[town])
        places = [place for place, one in enumerate(under) if one == town]
        outcomes = [*own.evaluate_all([records[place] for place in places])]
        plain = [*policy.evaluate_all([records[place] for place in places])]
        own_said, plain_said = definition(outcomes), definition(plain)
        differ += sum(own_said[key] != said for key, said in plain_said.items())
        for (kind, at, *rest), said in own_said.items():
            assert ours[kind, places[at], *rest] == said, (town, rest)
    assert differ > 5


def test_parameters_that_cannot_differ(workbook: Path) -> None:
    policy = pr.load(ROOT / "examples" / "county", as_of=AS_OF)
    prepared = policy.prepare(workbook)
    with pytest.raises(ValueError, match="不能逐县给"):
        policy.evaluate_frame(prepared, parameters={"甲": {"其他在范围资金": ["其他"]}}, by="乡镇")
    with pytest.raises(KeyError):
        policy.evaluate_frame(prepared, parameters={"甲": {"没有的": 1}}, by="乡镇")
    with pytest.raises(KeyError):
        policy.evaluate_frame(prepared, parameters={"甲": {"反向约束数量": 1}}, by="没有的字段")
    with pytest.raises(pr.PolicyError):
        policy.evaluate_frame(prepared, parameters={"甲": {"反向约束数量": -1}}, by="乡镇")


def test_width_and_white_space_make_no_other_county() -> None:
    policy = policy_from_text("""
        对象 项目（project） 标识 编号
          字段 编号（id）：文本
          字段 所在县（county）：文本
          字段 类（kind）：枚举 { 甲类、乙类 }
          字段 户数（n）：整数（户）
        参数 线（floor）：整数（户） 缺省 5 户
        决定 分类（category）：单选 { 是 }
        规则 够
          当 户数 ≥ 线
          则 分类 为 是
    """)
    records = [{"编号": "1", "所在县": "A县", "类": "甲类", "户数": 7}, {"编号": "2", "所在县": "B", "户数": 7}]

    def given(by: str, **lines: int) -> tuple[list[str | None], tuple[str, ...]]:
        parameters = {name: {"线": line} for name, line in lines.items()}
        found = policy.evaluate_frame(records, parameters=parameters, by=by)
        return found.columns["分类"].to_list(), found.unmatched

    assert given("所在县") == (["是", "是"], ())
    assert given("所在县", A县=9) == ([None, "是"], ())
    assert given("county", **{" Ａ县 ": 9, "B": 8, "C": 1}) == ([None, None], ("C",))
    assert given("类", 甲类=9, 丙类=1) == ([None, "是"], ("丙类",))
    with pytest.raises(ValueError, match="“A县”和“Ａ县”是同一个所在县"):
        given("所在县", **{"A县": 9, "Ａ县": 8})


def rule(number: int, condition: str) -> str:
    return f"""
决定 测{number}（test{number}）：单选 {{ 真 }}
规则 测{number}规则
  依据【一】“原文”
  当 {condition}
  则 测{number} 为 真
"""


EXACTLY = {
    # Binary numbers of either width say that 0.1 + 0.2 is not 0.3, and that 3 × 0.1 is not.
    "款 × 3 = 0.3 万元": [{"money": "0.1"}, {"money": "0.10000001"}],
    "款 + 0.2 万元 = 0.3 万元": [{"money": "0.1"}, {"money": "0.1000001"}],
    "款 ÷ 3 = 0.1 万元": [{"money": "0.3"}, {"money": "0.3000001"}],
    # Beyond 2⁵³ neighbours are one binary number, beyond 2²⁴ in the shorter form.
    "宽数 > 9007199254740992 个": [{"w": 2**53 + 1}, {"w": 2**53}],
    "宽数 > 16777216 个": [{"w": 2**24 + 1}, {"w": 2**24}],
    # Products and sums beyond 64 bits.
    "宽数 × 宽数 > 9223372036854775807": [{"w": 3_037_000_500}, {"w": 3_037_000_499}],
    "宽数 × 宽数 × 宽数 < 0": [{"w": -(2**40)}, {"w": 2**40}],
    "宽数 > 10000000000000000000000 个": [{"w": 10**22 + 1}, {"w": 10**22}],
    "宽数 + 1 个 > 9223372036854775807 个": [{"w": 2**63 - 1}, {"w": 2**63 - 2}],
    "宽数 ÷ 数二 > 33.33333333333333333%": [{"w": 1, "m": 3}, {"w": 1, "m": 4}],
    "合计 资金.金额数 = 0.3 万元": [
        {"funds": [{"amount": "0.1"}, {"amount": "0.2"}]},
        {"funds": [{"amount": "0.1"}, {"amount": "0.2000001"}]},
    ],
}


def test_binary_numbers_decide_nothing() -> None:
    """Of each pair the first is true, the second is not."""
    stack = engine_policy("".join(rule(number, condition) for number, condition in enumerate(EXACTLY)))
    records = [{**record} for pair in EXACTLY.values() for record in pair]
    found, result = differences(stack, records, block=64)
    assert found == []
    assert not result.handed
    for number in range(len(EXACTLY)):
        value = result.columns[f"测{number}"].to_list()
        assert value[2 * number : 2 * number + 2] == ["真", None], list(EXACTLY)[number]


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 129])
def test_ends_of_blocks(count: int) -> None:
    stack = engine_policy(
        rule(0, "甲 且 任一 资金 满足（已付）")
        + rule(1, "计数 资金 其中（已付） ≥ 2 个")
        + rule(2, "停产日 起满 12 个月")
    )
    records: list[dict[str, Any]] = []
    for place in range(count):
        record: dict[str, Any] = {"id": f"{place}号"}
        if place % 7:
            record["a"] = place % 3 > 0
            record["stopped"] = AS_OF - datetime.timedelta(place * 7)
        if place % 5:
            record["funds"] = [{"paid": one % 2 == 0} if one % 4 else {} for one in range(place % 6)]
        records.append(record)
    first, one = differences(stack, records, block=64, threads=2)
    second, other = differences(stack, records, block=1 << 17, threads=1)
    assert first == second == []
    assert {name: column.to_list() for name, column in one.columns.items()} == {
        name: column.to_list() for name, column in other.columns.items()
    }


def test_all_blank() -> None:
    stack = engine_policy(rule(0, "甲 且 款 > 1 万元") + rule(1, "全部 资金 满足（已付）"))
    found, result = differences(stack, [{}, {}, {}])
    assert found == []
    assert result.columns["测0·状态"].to_list() == ["待定"] * 3


def test_rules_as_columns() -> None:
    stack = engine_policy(rule(0, "甲"))
    result = stack.evaluate_frame([{"a": True}, {"a": False}, {}], rules=["测0规则"])
    assert result.columns["测0规则"].to_list() == [True, False, None]
    with pytest.raises(KeyError):
        stack.evaluate_frame([{}], rules=["没有的规则"])
    with pytest.raises(KeyError):
        stack.evaluate_frame([{}], outputs=["没有的决定"])


def test_into_parquet(workbook: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    policy = pr.load(ROOT / "examples" / "county", as_of=AS_OF)
    prepared = policy.prepare(workbook)
    target, findings = tmp_path / "结果.parquet", tmp_path / "检查.parquet"
    assert not policy.evaluate_parquet(prepared, target, findings=findings, block=64, rules=True)
    whole = policy.evaluate_frame(prepared, rules=True)
    assert parquet.read_table(target).to_pydict() == whole.table("项目").to_arrow().to_pydict()
    assert parquet.read_table(findings).to_pydict() == whole.findings.to_arrow().to_pydict()

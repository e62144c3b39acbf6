"""Every engine says what the definition says, to the last blank.

Why this exists: there is one meaning. Generated programs and records, the cases of the language page, the scenarios and the
example ledger go through every engine and through the definition; what ever differed is kept and replayed.
"""

from __future__ import annotations

import dataclasses
import datetime
from fractions import Fraction
from pathlib import Path

import pytest
from tests.engines.aimed import aimed
from tests.engines.cases import KEPT, Case, cut_down, dumped, fails, held_against, kept
from tests.engines.engines import ENGINES
from tests.engines.long import Met, run
from tests.engines.programs import Program
from tests.engines.records import plain
from tests.engines.saying import Answer, NotTaken, Said, alike, definition, differences
from tests.spec import chunks

import policyrules as pr
from policyrules.engine.instances import Instance
from policyrules.engine.portfolio import Portfolio
from policyrules.testing.build import policy_from_text
from policyrules.testing.runner import BlockResult, run_files
from policyrules.types import Kind, Type

ROOT = Path(__file__).resolve().parents[2]
PAIRS = 1000
"""Pairs of the short run."""
ONE_IN = 12
"""Of scenarios and cases of the language page, each of which brings a policy along, so many are looked at."""


def test_programs_about_signs_scales_and_turning_points() -> None:
    met = Met()
    found = next(run(PAIRS // 2, 21, ENGINES, 25, met, makers=(aimed,)), None)
    assert found is None, found and f"[{found[0]}] {found[2]}\n{dumped(cut_down(ENGINES[found[0]], found[1]), '')}"
    assert not met.unsound


def test_generated_programs_and_records() -> None:
    met = Met()
    found = next(run(PAIRS, 7, ENGINES, 25, met), None)
    assert found is None, found and f"[{found[0]}] {found[2]}\n{dumped(cut_down(ENGINES[found[0]], found[1]), '')}"
    # A run that meets nothing would prove nothing.
    assert met.pairs >= PAIRS and met.programs > 20
    assert set(met.statuses) >= {"determined", "undetermined", "none", "conflict", "not_applicable"}
    assert set(met.statuses) >= {"compliant", "violated", "unverified", "in_progress", "overdue", "explained", "notice"}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("path", sorted(KEPT.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_was_kept(path: Path, engine: str) -> None:
    case = kept(path)
    policy = case.program.load()
    assert policy is not None, "a kept case loads"
    assert list(held_against(ENGINES[engine](policy), policy, case)) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_the_cases_of_the_language_page(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: dict[int, tuple[pr.Policy, Answer]] = {}
    seen: set[tuple[int, str, str]] = set()
    wrong: list[str] = []

    def compared(policy: pr.Policy, record: chunks.Record, portfolio: object) -> pr.Outcome:
        outcome = policy.evaluate(record, portfolio)  # type: ignore[arg-type]  # as the case has it
        key = (id(policy), repr(record), repr(portfolio))
        if key in seen:
            return outcome
        seen.add(key)
        if len(seen) % ONE_IN == 1:
            _, answer = answers.setdefault(id(policy), (policy, ENGINES[engine](policy)))
            root, ledger = policy.instance(record), None
            if portfolio is not None:
                ledger, root = policy.portfolio(portfolio).with_record(record, root)  # type: ignore[arg-type]  # as above
            wrong.extend(f"{record}: {told}" for told in against(answer, policy, root, ledger))
        return outcome

    monkeypatch.setitem(chunks.ENGINES, engine, compared)
    for case in chunks.cases():
        chunks.answer(case, engine)
    assert wrong == []
    assert len(seen) > 400


def against(
    answer: Answer, policy: pr.Policy, root: Instance, portfolio: Portfolio | None, right: Said | None = None
) -> list[str]:
    """What an engine says otherwise of one record than the definition, which says ``right`` where that is known."""
    try:
        (found,) = answer([root], portfolio)
    except NotTaken:
        return []
    if right is None:
        (right,) = definition(policy)([root], portfolio)
    return list(differences(found, right))


@pytest.fixture(scope="module")
def blocks() -> list[tuple[BlockResult, Said]]:
    """Some blocks of some scenarios, and what the definition says of each."""
    files = sorted([*(ROOT / "policies").rglob("scenarios/*.yaml"), *(ROOT / "examples").rglob("scenarios/*.yaml")])
    some = [block for result in run_files(files[::6]).results for block in result.blocks][::3]
    return [(one, *definition(one.policy)([one.record], one.portfolio)) for one in some]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_scenarios(engine: str, blocks: list[tuple[BlockResult, Said]]) -> None:
    answers: dict[int, Answer] = {}
    wrong: list[str] = []
    for block, right in blocks:
        policy = block.policy
        answer = answers.get(id(policy)) or answers.setdefault(id(policy), ENGINES[engine](policy))
        wrong += against(answer, policy, block.record, block.portfolio, right)
    assert wrong == []
    assert len(blocks) > 20


@pytest.mark.parametrize("engine", ENGINES)
def test_the_example_ledger(engine: str, example_ledger: Path) -> None:
    policy = pr.load(ROOT / "examples" / "county", as_of=datetime.date(2025, 11, 15))
    portfolio = policy.portfolio(policy.read(example_ledger))
    roots = [root for root in portfolio.members if not root.problems]
    wrong: list[str] = []
    for ledger, some in ((portfolio, roots[::12]), (None, roots[1::20])):
        try:
            answered = ENGINES[engine](policy)(some, ledger)
        except NotTaken:
            continue
        for found, right in zip(answered, definition(policy)(some, ledger), strict=True):
            wrong += differences(found, right)
    assert wrong == []


# ---- floats never decide --------------------------------------------------------------------------------------------

EXACT = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 款（money）：金额（元）
  字段 另款（other）：金额（万元）
  字段 数（n）：整数（个）
  字段 率（rate）：比例
  字段 面积数（area）：面积（亩）
对象 资金（funds） 属于 项目
  字段 额（amount）：金额（万元）
"""
CITE = "  依据【一】“字”\n"
PLANTED: dict[str, tuple[str, dict[str, object], bool]] = {
    # Of each: a condition, a record, what is right; as float64 or float32 the answer would be the other.
    "三个一角": ("款 = 0.3 元", {"款": "0.30000000000000004"}, False),
    "合计一角": ("合计 资金.额 = 0.3 万元", {"资金": [{"额": "0.1"}, {"额": "0.2"}]}, True),
    "合计不够": ("合计 资金.额 ≥ 0.3 万元", {"资金": [{"额": "0.1"}, {"额": "0.1"}, {"额": "0.1"}]}, True),
    "二的五十三次方": ("数 > 9007199254740992 个", {"数": 9007199254740993}, True),
    "二的五十三次方等于": ("数 = 9007199254740992 个", {"数": 9007199254740993}, False),
    "单精度": ("数 = 16777216 个", {"数": 16777217}, False),
    "单精度大于": ("数 > 16777216 个", {"数": 16777217}, True),
    "单精度万元": ("另款 = 1677.7216 万元", {"另款": "1677.7217"}, False),
    "元与万元": ("款 = 另款", {"款": "16777217", "另款": "1677.7217"}, True),
    "分": ("款 = 另款", {"款": "900719925474099.31", "另款": "90071992547.409930"}, False),
    "三成": ("款 × 30% = 0.9 元", {"款": 3}, True),
    "三分之一": ("（款 ÷ 另款） × 3 = 100%", {"款": 10000, "另款": 3}, True),
    "比例": ("率 = 0.3%", {"率": "0.003"}, True),
    "比例差一点": ("率 ≥ 70%", {"率": "0.69999999999999999999"}, False),
    "抵消": ("（款 - 另款） = 1 元", {"款": "10000000000000001", "另款": "1000000000000"}, True),
    "积": ("数 × 数 = 81129638414606663681390495662081 个", {"数": 9007199254740993}, False),
    "积等于": ("数 × 数 = 81129638414606699710187514626049 个", {"数": 9007199254740993}, True),
    "面积": ("面积数 ≥ 0.7 亩", {"面积数": "0.69999999999999996"}, False),
}


def exact_policy(condition: str) -> pr.Policy:
    return policy_from_text(
        EXACT + f"决定 测（t）：单选 {{ 真 }}\n规则 测规则\n{CITE}  当 {condition}\n  则 测 为 真\n"
    )


@pytest.mark.parametrize("engine", ["definition", *ENGINES])
@pytest.mark.parametrize("planted", PLANTED)
def test_floats_never_decide(planted: str, engine: str) -> None:
    condition, record, right = PLANTED[planted]
    policy = exact_policy(condition)
    answer = definition(policy) if engine == "definition" else ENGINES[engine](policy)
    (said,) = answer([policy.instance(record)], None)
    assert said.decisions["项目", "测"][0] == ("determined" if right else "none")


@pytest.mark.parametrize("engine", ["definition", *ENGINES])
def test_amounts_are_exact(engine: str) -> None:
    policy = policy_from_text(
        EXACT + f"决定 补助（g）：金额（元）\n规则 补\n{CITE}  则 补助 为 （款 ÷ 3 + 另款 × 0.01%）\n"
    )
    answer = definition(policy) if engine == "definition" else ENGINES[engine](policy)
    (said,) = answer([policy.instance({"款": "100.1", "另款": "900719925474.0993"})], None)
    assert said.decisions["项目", "补助"][:2] == (
        "determined",
        Fraction(1001, 30) + Fraction(9007199254740993, 10**7) * 1000,
    )


# ---- the harness itself ---------------------------------------------------------------------------------------------


def test_a_wrong_engine_is_found_and_cut_down() -> None:
    def forgetful(policy: pr.Policy) -> Answer:
        right = definition(policy)

        def answer(roots: list[Instance], portfolio: Portfolio | None) -> list[Said]:
            found = []
            for said in right(roots, portfolio):
                decisions = {
                    key: ("none", None, (None,)) if told[0] == "conflict" else told
                    for key, told in said.decisions.items()
                }
                found.append(dataclasses.replace(said, decisions=decisions, inner={}))
            return found

        return answer  # type: ignore[return-value]  # lists are enough here

    name, case, _ = next(run(4000, 2, {"forgetful": forgetful}, 8, Met()))
    smaller = cut_down(forgetful, case, 250)
    assert name == "forgetful" and fails(forgetful, smaller)
    assert len(smaller.records) == 1
    text = "\n".join(piece for pieces in smaller.program.layers for piece in pieces)
    assert text.count("规则 ") <= 5 and "义务" not in text, text
    assert not list(held_against(definition(loaded(smaller.program)), loaded(smaller.program), smaller))


def loaded(program: Program) -> pr.Policy:
    policy = program.load()
    assert policy is not None
    return policy


def test_cases_are_kept_whole(tmp_path: Path) -> None:
    program = Program((("对象 项目（project）\n  字段 日（d）：日期\n",), ("",)), ((), (0,)), datetime.date(2025, 1, 1))
    case = Case(program, ({"日": "2024-02-29", "数": "0.30"}, {}), True)
    (tmp_path / "一.yaml").write_text(dumped(case, "为了试"), encoding="utf-8")
    again = kept(tmp_path / "一.yaml")
    assert (again.records, again.ledger, again.program.extends, again.program.as_of) == (
        case.records,
        True,
        ((), (0,)),
        program.as_of,
    )
    assert again.program.layers[0][0].strip() == program.layers[0][0].strip()


def test_values_are_told_apart() -> None:
    assert alike((1, None), (1, None)) and not alike(1, True) and not alike(0.5, 0.5) and not alike((1,), (1, 2))
    assert plain(Fraction(3, 10), Type(Kind.MONEY, "元")) == "0.3"

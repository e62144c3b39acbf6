"""Causes are what trying out says: against the definition, against deleting the text, and against all subsets."""

from __future__ import annotations

import datetime
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, combinations
from pathlib import Path

import pytest
from tests.analysis.pairs import differing, pair, things
from tests.report.sample import NATION, PROVINCE, nation, province, records

import policyrules as pr
from policyrules.analysis import lattice
from policyrules.analysis.attribute import blended
from policyrules.analysis.attribution import Cause, Causes, Spot, cause_of, causes
from policyrules.analysis.compare import compare
from policyrules.analysis.counting import running
from policyrules.analysis.lattice import Selection, Selections, Unfit
from policyrules.analysis.planes import Split
from policyrules.analysis.trials import Asked, ByCircuit, ByDefinition, Results, Trials, outcome_of, targets
from policyrules.engine import values as v
from policyrules.engine.instances import Instance
from policyrules.engine.portfolio import Portfolio
from policyrules.interpreter import Interpreter
from policyrules.report.comparison import comparison_lines
from policyrules.report.layout import plain
from policyrules.testing.build import policy_from_text

ROOT = Path(__file__).resolve().parents[2]
DAY = datetime.date(2025, 11, 15)


def subsets(acts: Iterable[int]) -> Iterator[Selection]:
    """All of them, small ones first."""
    acts = tuple(acts)
    return map(frozenset, chain.from_iterable(combinations(acts, count) for count in range(len(acts) + 1)))


def shown(policy: pr.Policy, cause: Cause, before: pr.Policy) -> list[list[str]]:
    """What is enough, by the names of the declarations."""
    acts = blended(before, policy).atoms
    return [[acts[act].origin.name for act in sorted(one)] for one in cause.enough]


# ---- selections -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(60))
def test_least_sets_are_those_that_a_plain_search_finds(seed: int) -> None:
    chance = random.Random(seed)
    acts = tuple(sorted(chance.sample(range(20), chance.randint(0, 6))))
    sets, every = Selections(acts), frozenset(acts)
    held = {one for one in subsets(acts) if chance.random() < chance.choice((0.1, 0.3, 0.8))}
    plane = sets.none
    for one in held:
        plane |= sets.of(one, acts)
    assert {one for one in subsets(acts) if sets.holds(plane, one)} == held
    assert not held or sets.first(plane) in held
    least = {one for one in held if not any(other < one for other in held)}
    assert set(sets.least(plane)) == least
    assert [len(one) for one in sets.least(plane)] == sorted(map(len, least))
    assert set(sets.least(plane, 2)) == {one for one in least if len(one) <= 2}
    gone = {every - one for one in held}
    assert set(sets.least(sets.turned(plane))) == {one for one in gone if not any(other < one for other in gone)}
    turning = {act for act in acts if any((one | {act} in held) != (one - {act} in held) for one in subsets(acts))}
    assert set(sets.turns_on(plane)) == turning
    assert sets.rises(plane) is all(one | other in held for one in held for other in subsets(acts))
    assert ~~plane is plane and not plane & ~plane and plane | ~plane is sets.full


def test_sets_that_grow_beyond_bounds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sets = Selections(range(24))
    pairs = [sets.on[act] & sets.on[act + 12] for act in range(12)]
    either = ~sets.full
    for both in pairs:
        either |= both
    # One of each of twelve pairs leaves none of them whole: 4,096 least sets.
    with pytest.raises(Unfit):
        sets.least(sets.turned(~either))
    assert len(sets.least(either)) == 12
    monkeypatch.setattr(lattice, "MOST_SETS", 100)
    small = Selections(range(24))
    with pytest.raises(Unfit):
        either = small.none
        for act in range(12):
            either |= small.on[act] & small.on[act + 12]


# ---- random programs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(100, 160))
def test_random_pairs(seed: int) -> None:
    found = pair(seed)
    if found is None:
        return
    before, after, rows = found
    olds, news = before.portfolio(rows), after.portfolio(rows)
    both = blended(before, after)
    said = differing(before, after, olds, news, things(after))
    # All off is the old program and all on the new one, wherever they differ and wherever not.
    told = causes(both, news, said, said=said.__getitem__)
    assert told.faults == ()
    assert set(told.causes) == {spot for spot, (old, new) in said.items() if old != new}
    trials = Trials(both, news)
    for spot, cause in list(told.causes.items())[:4]:
        root = news.members[spot.index]
        asked = Asked(spot.name, spot.value)
        _holds(trials, asked, root, trials_instance(trials, spot), cause, *said[spot])
    for asked in {Asked(spot.name, spot.value) for spot in told.causes}:
        _same_by_definition(trials, asked, [spot for spot in told.causes if spot.name == asked.name][:2])


def trials_instance(trials: Trials, spot: Spot) -> Instance:
    """The object of a spot."""
    return targets(trials.side(frozenset()).program, trials.portfolio.members[spot.index])[spot.path]


def _holds(
    trials: Trials, asked: Asked, root: Instance, instance: Instance, cause: Cause, old: object, new: object
) -> None:
    """What is said of a cause is what the definition gives, for the whole program, in every subset of what is named."""
    every = frozenset(atom.number for atom in trials.blend.atoms)

    @cache
    def result(selection: Selection) -> object:
        interpreter = trials.under(selection)
        run = interpreter.run(root, Portfolio(trials.portfolio.members))
        return outcome_of(interpreter, run, asked, instance)

    assert cause.enough and cause.complete
    for one in cause.enough:
        for part in subsets(one):
            assert (result(part) == new) is (part == one)
    for one in cause.change:
        for part in subsets(one):
            assert (result(every - part) != new) is (part == one)
    for one in cause.undo:
        for part in subsets(one):
            assert (result(every - part) == old) is (part == one)
    if cause.monotone:
        named = frozenset().union(*cause.enough)
        hitting = [one for one in subsets(named) if all(one & other for other in cause.enough)]
        assert set(cause.change) == {one for one in hitting if not any(other < one for other in hitting)}


def _same_by_definition(trials: Trials, asked: Asked, spots: list[Spot]) -> None:
    """The circuit gives under every selection what the definition gives."""
    results, plain = trials.results(asked), ByDefinition(trials, asked)
    if len(plain.acts) > 5 or not isinstance(results, ByCircuit):
        return
    for spot in spots:
        root, instance = trials.portfolio.members[spot.index], trials_instance(trials, spot)
        mine, theirs = cause_of(results, results.of(root, instance)), plain.of(root, instance)
        other = cause_of(plain, theirs)
        if mine is None or other is None:
            assert mine is other
            continue
        assert (mine.enough, mine.change, mine.undo) == (other.enough, other.change, other.undo)


def test_where_the_circuit_refuses_the_definition_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    from policyrules.analysis import trials as module

    def told() -> list[object]:
        found = compare(nation(), province(), records()).changes
        return [
            (change.identity, change.decision, value, cause.enough, cause.change, cause.undo, cause.relevant)
            for change in found
            for value, cause in change.causes.items()
        ]

    expected = told()
    monkeypatch.setattr(module, "ByCircuit", refused)
    assert told() == expected and expected


def test_where_not_all_can_be_tried_it_is_said_how_far(monkeypatch: pytest.MonkeyPatch) -> None:
    from policyrules.analysis import attribution, trials

    fields = "".join(f"  字段 项{number}（f{number}）：是否\n" for number in range(5))
    world = WORLD.replace("  字段 数", f"{fields}  字段 数")
    lower = [f"修订 好类\n  依据【五】“{number}”\n  还须 任一满足（项{number}；项4）\n" for number in range(4)]
    before, after = policy_from_text(world), policy_from_text(world, *lower)
    row = {"编号": "一", "甲": True, "乙": True, "项4": False, "项0": True, "项1": True, "项2": False, "项3": False}

    def told() -> Cause:
        (change,) = compare(before, after, [row]).changes
        assert change.cause is not None
        return change.cause

    def sets(*found: tuple[int, ...]) -> tuple[Selection, ...]:
        return tuple(map(frozenset, found))

    acts = [atom.new for atom in blended(before, after).atoms]
    first, second = (number for number, words in enumerate(acts) if "项2" in words or "项3" in words)
    whole = told()
    assert (whole.complete, whole.size, whole.enough) == (True, 4, sets((first,), (second,)))
    assert whole.change == whole.undo == sets((first, second)) and whole.relevant == (first, second)
    monkeypatch.setattr(lattice, "MOST_LEAST", 1)
    short = told()
    assert (short.complete, short.size, short.how) == (False, 0, "unfound")
    monkeypatch.undo()
    monkeypatch.setattr(trials, "ByCircuit", refused)
    monkeypatch.setattr(trials, "BY_DEFINITION", 3)
    near = told()
    assert (near.complete, near.size) == (False, 3) and near.acts == near.relevant == (0, 1, 2, 3)
    assert (near.enough, near.change, near.undo) == (whole.enough, whole.change, whole.undo)
    monkeypatch.setattr(trials, "MOST_TRIED", 12)
    one = told()
    assert (one.size, one.enough, one.change, one.undo) == (1, whole.enough, (), ())
    monkeypatch.setattr(attribution, "SIZE", 0)
    monkeypatch.setattr(trials, "MOST_TRIED", 2)
    none = told()
    assert (none.how, none.size, none.complete, none.monotone) == ("unfound", 0, False, None)


def refused(*_: object) -> None:
    """In place of the circuits."""
    raise Unfit


def test_what_the_definition_does_not_confirm_is_told_as_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    from policyrules.analysis import attribution as module

    right = module.cause_of

    def wrong(results: Results, found: Split) -> Cause | None:
        cause = right(results, found)
        return cause if cause is None else module.replace(cause, enough=(frozenset(),))

    monkeypatch.setattr(module, "cause_of", wrong)
    comparison = compare(nation(), province(), records())
    assert all(change.causes == {} and change.provisions == () for change in comparison.changes)
    assert comparison.attribution is not None and comparison.attribution.faults


# ---- edits made in place --------------------------------------------------------------------------------------------

EDITS = (
    ("还须 链条 为 不完整", "还须 链条 为 不完整 且 困难 为 暂时经营困难", "升级类", "加条件"),
    ("还须 链条 为 不完整", "还须 任一满足（链条 为 不完整；困难 为 无）", "升级类", "加条件"),
    ("还须 链条 为 不完整", "还须 链条 为 较完备", "升级类", "改条件"),
)


@pytest.mark.parametrize(("old", "new", "name", "kind"), EDITS)
def test_an_edit_made_in_place_is_found(old: str, new: str, name: str, kind: str) -> None:
    assert old in PROVINCE
    before, after = policy_from_text(NATION, PROVINCE), policy_from_text(NATION, PROVINCE.replace(old, new))
    (act,) = blended(before, after).atoms
    assert (act.name, act.kind) == (name, kind)
    changes = [change for change in compare(before, after, records()).changes if change.decision == "分类"]
    assert changes
    for change in changes:
        assert change.cause is not None and change.cause.enough == (frozenset({0}),) == change.cause.undo
        assert [one.name for one in change.provisions] == [name]


WORLD = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 甲（a）：是否
  字段 乙（b）：是否
  字段 数（number）：整数（个）
参数 线（line）：整数（个） 缺省 5 个
  依据【一】“若干”
术语 够（enough）
  依据【二】“够”
  即 数 ≥ 线 或 甲
决定 类（kind）：单选 { 好、差 }
规则 好类
  依据【三】“好的”
  当 够
  则 类 为 好
规则 差类
  依据【四】“差的”
  当 非 够 且 乙 为 否
  则 类 为 差
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("数 ≥ 线 或 甲", "数 ≥ 线 或 乙", ["够"]),
        ("缺省 5 个", "缺省 3 个", ["线"]),
    ],
)
def test_a_term_and_a_default_edited_in_place(old: str, new: str, words: list[str]) -> None:
    before, after = policy_from_text(WORLD), policy_from_text(WORLD.replace(old, new))
    rows = [{"编号": "一", "甲": False, "乙": True, "数": 4}]
    (change,) = compare(before, after, rows).changes
    assert change.cause is not None and change.cause.how == "alone"
    assert [provision.name for provision in change.provisions] == words


def test_together_either_and_masked() -> None:
    lower = [f"修订 好类\n  依据【五】“{name}”\n  还须 {name}\n" for name in ("甲", "乙")]
    before, after = policy_from_text(WORLD), policy_from_text(WORLD, *lower)
    rows = [
        {"编号": "都否", "甲": False, "乙": False, "数": 9},
        {"编号": "乙否", "甲": True, "乙": False, "数": 9},
    ]
    found = {change.identity: change.cause for change in compare(before, after, rows).changes}
    either, alone = found["都否"], found["乙否"]
    assert either is not None and (either.how, len(either.enough), len(either.undo[0])) == ("either", 2, 2)
    assert alone is not None and alone.how == "alone" and alone.masked == ()
    lower = ["设定 线 为 9 个\n  依据【五】“九”\n推定 乙推定\n  依据【六】“乙”\n  当 乙 未填 则 乙 为 否\n"]
    (change,) = compare(before, policy_from_text(WORLD, *lower), [{"编号": "一", "甲": False, "数": 7}]).changes
    assert (change.before, change.after) == ("好", "差")
    joint = change.cause
    assert joint is not None and joint.how == "jointly" and joint.enough == (frozenset({0, 1}),)
    # Without the setting it is 好 again, without the presumption it is open.
    assert (joint.undo, joint.masked) == ((frozenset({0}),), (frozenset({1}),))


def test_a_decision_on_what_records_belong_to() -> None:
    text = """
对象 县（county）
  字段 县名（name）：文本
  字段 示范（model）：是否
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
决定 等级（grade） 对 县：单选 { 上、下 }
规则 上等
  依据【一】“上”
  对 县
  当 示范
  则 等级 为 上
"""
    below = "修订 上等\n  依据【二】“名”\n  还须 县名 已填\n"
    rows = [{"编号": "一", "县": {"示范": True}}]
    (change,) = compare(policy_from_text(text), policy_from_text(text, below), rows).changes
    assert change.cause is not None and [one.name for one in change.provisions] == ["上等"]


def test_nothing_is_said_of_what_no_act_accounts_for() -> None:
    before = policy_from_text(WORLD)
    after = policy_from_text(WORLD + "决定 档次（grade）：单选 { 甲等 }\n  默认 甲等\n")
    rows = [{"编号": "一", "甲": True}]
    (change,) = compare(before, after, rows).changes
    assert change.decision == "档次" and change.cause is None and change.provisions == ()


def test_fields_of_another_kind_are_said_instead_of_a_cause() -> None:
    rest = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 甲（a）：KIND
  字段 丙（c）：是否
决定 类（kind）：单选 { 好、差 }
规则 好类
  依据【三】“好的”
  当 TEST
  则 类 为 好
"""
    before = policy_from_text(rest.replace("KIND", "是否").replace("TEST", "甲 或 丙"))
    after = policy_from_text(rest.replace("KIND", "枚举 { 一、二 }").replace("TEST", "甲 为 一"))
    comparison = compare(before, after, [{"编号": "一", "丙": True}])
    assert [change.cause for change in comparison.changes] == [None]
    assert "没有归因：两边的字段 项目.甲不同" in plain(comparison_lines(comparison))


# ---- the example ledger ---------------------------------------------------------------------------------------------

PAIRS = {"NJ": ("policies/national", "policies/jiangxi"), "JC": ("policies/jiangxi", "examples/county")}
PAIRS["NC"] = ("policies/national", "examples/county")


@dataclass(frozen=True)
class Case:
    """Two policies, the ledger, and why single values differ."""

    before: pr.Policy
    after: pr.Policy
    portfolio: Portfolio
    said: dict[Spot, tuple[object, object]]
    found: Causes

    def of(self, identity: str, name: str) -> Cause:
        """The cause of a change."""
        (spot,) = [
            spot
            for spot in self.found.causes
            if self.portfolio.members[spot.index].identity == identity and spot.name == name
        ]
        return self.found.causes[spot]

    def enough(self, identity: str, name: str) -> set[frozenset[str]]:
        """What is enough, by the names of the acts."""
        acts = blended(self.before, self.after).atoms
        return {frozenset(acts[act].origin.name for act in one) for one in self.of(identity, name).enough}


@pytest.fixture(scope="module")
def cases(example_ledger: Path) -> dict[str, Case]:
    return {name: _case(example_ledger, *folders) for name, folders in PAIRS.items()}


def _case(path: Path, old: str, new: str) -> Case:
    before, after = pr.load(ROOT / old, as_of=DAY), pr.load(ROOT / new, as_of=DAY)
    read = after.read(path)
    portfolio = after.portfolio(read)
    asked = [Asked(one.name) for one in after.program.decisions.values() if one.mode != "多选"]
    said = differing(before, after, before.portfolio(read), portfolio, asked)
    single = {spot: pair for spot, pair in said.items() if pair[0] != pair[1]}
    found = causes(blended(before, after), portfolio, single, said=single.__getitem__)
    return Case(before, after, portfolio, single, found)


def test_every_change_is_accounted_for_and_confirmed(cases: dict[str, Case]) -> None:
    for case in cases.values():
        assert case.found.faults == () and case.found.by_definition == ()
        assert set(case.found.causes) == set(case.said) and len(case.said) > 150
        assert all(cause.enough for cause in case.found.causes.values())
        assert case.found.checked >= 3 * len(case.said)
        assert all(cause.complete for cause in case.found.causes.values())


def test_provisions_behind_the_classes_of_the_county(cases: dict[str, Case]) -> None:
    case = cases["JC"]
    acts = blended(case.before, case.after).atoms
    counts = Counter(
        (acts[act].origin.name, part)
        for spot, cause in case.found.causes.items()
        if spot.name == "分类"
        for act, part in cause.parts().items()
    )
    assert counts == {
        ("按户数认定带动能力", "alone"): 11,
        ("按户数认定带动能力", "jointly"): 1,
        ("盘活先于升级", "alone"): 8,
        ("县补充升级类", "alone"): 7,
        ("按环节认定链条", "alone"): 4,
        ("按盈亏认定市场效益", "alone"): 4,
        ("按盈亏认定市场效益", "jointly"): 1,
        ("按缺少设施认定设施短板", "alone"): 3,
        ("按缺少设施认定设施短板", "jointly"): 2,
        ("按缺少设施认定设施短板", "either"): 1,
        ("按技术水平认定技术短板", "alone"): 1,
        ("按技术水平认定技术短板", "jointly"): 2,
        ("按技术水平认定技术短板", "either"): 1,
        ("盘活类", "alone"): 1,
        ("暂时困难最长月数", "alone"): 1,
    }
    assert case.of("SL0188", "分类").how == case.of("SL0208", "分类").how == case.of("SL0508", "分类").how == "jointly"
    assert case.of("SL0487", "分类").how == "either"
    # 36 months make it 无; with 24 months out too it is 盘活 again.
    (masked,) = case.of("SL0076", "分类").masked
    assert [acts[act].origin.name for act in masked] == ["盘活类"]
    stock = [cause for spot, cause in case.found.causes.items() if spot.name in ("入库意见", "在库处理")]
    assert Counter(cause.how for cause in stock) == {"jointly": 31, "either": 11, "alone": 3}


def test_single_cases(cases: dict[str, Case]) -> None:
    assert cases["NC"].enough("SL0095", "分类") == {frozenset({"分类", "盘活先于升级"})}
    assert cases["NC"].enough("SL0004", "入库意见") == {frozenset({"反向约束", "反向约束数量", "反向约束方式"})}
    assert cases["NJ"].enough("SL0028", "分类") == {frozenset({"升级类"})}
    assert cases["NJ"].of("SL0141", "在库处理").how == "either"
    assert len(cases["NJ"].of("SL0343", "在库处理").undo[0]) == 2


@pytest.mark.parametrize("name", ["JC", "NJ"])
def test_leaving_a_provision_out_of_the_text_gives_what_was_found(cases: dict[str, Case], name: str) -> None:
    """Every provision by itself, and of some changes every subset of what is named, taken out of the rule text."""
    case = cases[name]
    acts = blended(case.before, case.after).atoms
    every = frozenset(range(len(acts)))
    lower = {layer.manifest.id for layer in case.after.layers} - {layer.manifest.id for layer in case.before.layers}
    assert {act.origin.layer for act in acts} == lower
    by_origin: dict[tuple[str, int], frozenset[int]] = {}
    for act in acts:
        place = (act.origin.span.place, act.origin.span.start)
        by_origin[place] = by_origin.get(place, frozenset()) | {act.number}
    whole = {act: sets for sets in by_origin.values() for act in sets}
    trials = Trials(blended(case.before, case.after), case.portfolio)
    spots = [spot for spot in case.found.causes if spot.name in ("分类", "范围")][::3]
    joint = [spot for spot in spots if case.found.causes[spot].how != "alone"]
    tried = refused = 0

    def check(gone: Selection, some: Iterable[Spot]) -> None:
        nonlocal tried, refused
        gone = frozenset(chain.from_iterable(whole[act] for act in gone))
        try:
            program = case.after.stack.without(acts[act].origin for act in gone).program(DAY)
        except pr.PolicyError:
            refused += 1
            return

        interpreter = Interpreter(program, "")
        for spot in some:
            root = case.portfolio.members[spot.index]
            got = outcome_of(interpreter, interpreter.run(root, None), Asked(spot.name), root)
            results = known[spot.name]
            split = results.of(root, root)
            assert next(one for one, plane in split.items() if results.sets.holds(plane, every - gone)) == got, spot
            tried += 1

    known = {one: trials.results(Asked(one)) for one in ("分类", "范围")}
    read = frozenset(act for one in known.values() for act in one.acts)
    for sets in by_origin.values():
        if sets & read:
            check(sets, spots)
    for spot in joint:
        for gone in subsets(case.found.causes[spot].named):
            check(gone, [spot])
    assert tried > 60 and refused <= 2


COUNTED = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 乡镇（township）：文本
  字段 停产（stopped）：是否
  字段 户数（households）：整数（户） 取值 0 户 以上
统计 停产数
  依据【一】“停产较多的”
  计数 项目
  相同 乡镇
  其中 停产 且 户数 ≥ {least} 户{more}
决定 意见（intake）：单选 { 暂缓 }
规则 暂缓类
  依据【一】“停产较多的”
  当 停产数 ≥ 3
  则 意见 为 暂缓
"""


def test_many_members_tell_by_functions_what_the_definition_says(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (
        policy_from_text(COUNTED.replace("{least}", least).replace("{more}", more), as_of=DAY)
        for least, more in (("2", ""), ("5", " 且 编号 不为 “7”"))
    )
    given = [
        {
            "编号": str(number),
            **({"乡镇": "甲乙"[number % 2]} if number % 5 else {}),
            **({"停产": number % 3 > 0} if number % 7 else {}),
            **({"户数": number % 9} if number % 4 else {}),
        }
        for number in range(30)
    ]
    members = new.portfolio(given).members
    both = blended(old, new)
    trials = Trials(both, Portfolio(members))
    told: dict[int, list[object]] = {}
    for many in (10**9, 0):
        monkeypatch.setattr("policyrules.analysis.counting.MANY", many)
        for selection in subsets(atom.number for atom in both.atoms):
            interpreter, portfolio = trials.under(selection), Portfolio(members)
            for root in members:
                run = running(interpreter, root, portfolio)
                told.setdefault(many, []).append(run.statistic("停产数").value)
    assert both.atoms
    assert told[0] == told[10**9]
    assert len(set(map(str, told[0]))) > 4


def test_what_is_counted_under_every_selection_is_the_definitions() -> None:
    """Groups that are known, known in part and not at all; and of each record that asks that it is of its own group."""
    text = COUNTED.replace("  相同 乡镇\n", "  相同 乡镇、村\n").replace(
        "  字段 户数", "  字段 村（village）：文本\n  字段 户数", 1
    )
    old, new = (
        policy_from_text(text.replace("{least}", least).replace("{more}", more), as_of=DAY)
        for least, more in (("2", ""), ("5", " 且 编号 不为 “7”"))
    )
    given = [
        {
            "编号": str(number),
            **({"乡镇": "甲乙"[number % 2]} if number % 5 else {}),
            **({"村": "子丑寅"[number % 3]} if number % 4 else {}),
            **({"停产": number % 3 > 0} if number % 7 else {}),
            **({"户数": number % 9} if number % 11 else {}),
        }
        for number in range(40)
    ]
    members = new.portfolio(given).members
    trials = Trials(blended(old, new), Portfolio(members))
    side, acts = trials.side(frozenset()), [atom.number for atom in trials.blend.atoms]
    told = [side.counts("停产数", root, root) for root in members]
    for selection in subsets(acts):
        interpreter, portfolio = trials.under(selection), Portfolio(members)
        for root, found in zip(members, told, strict=True):
            there = [value for value, plane in found.items() if trials.sets.holds(plane, selection)]
            assert there == [running(interpreter, root, portfolio).statistic("停产数").value]
    assert acts and any(len(found) > 1 for found in told)
    # A record of no known group counts in its own for sure, the others perhaps: from 1, not from 0.
    lonely = policy_from_text(text.replace("{least}", "2").replace("{more}", ""), as_of=DAY)
    rows = [
        {"编号": "1", "停产": True, "户数": 3},
        {"编号": "2", "停产": True, "户数": 3},
        {"编号": "3", "停产": True, "户数": 1},
    ]
    both = Trials(blended(lonely, new), Portfolio(new.portfolio(rows).members))
    bounds = [
        v.bounds(value)[:2]
        for root in both.portfolio.members
        for value, plane in both.side(frozenset()).counts("停产数", root, root).items()
        if both.sets.holds(plane, frozenset())
    ]
    assert bounds == [(1, 2), (1, 2), (0, 2)]

"""What blanks settle, worked by hand and against everything that small random records may hold."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from tests.impact.small import Trying, random_policy, random_record, side_of

from policyrules.program import costs
from policyrules.testing.build import policy_from_text
from policyrules.variation import blanks as module
from policyrules.variation.blanks import asked_of, blanks, blanks_of
from policyrules.variation.freeing import Deciding
from policyrules.variation.measures import Beside
from policyrules.variation.model import BlankValue, Total
from policyrules.variation.study import SETTLED, Study
from policyrules.variation.whole import impact


def _by_field(study: Study, beside: Beside | None = None) -> dict[str, BlankValue]:
    return {one.field: one for one in blanks(study, beside)}


@pytest.mark.parametrize("seed", range(20))
def test_what_settles_alone_does_so_whatever_is_filled_in(seed: int) -> None:
    chance = random.Random(seed)
    policy = random_policy(chance)
    side = side_of(policy, [random_record(chance, number, 0.3) for number in range(8)], ("分类", "去向"))
    expected: dict[str, set[int]] = {}
    for (index, path, decision), state in side.states.items():
        if state.status in SETTLED:
            continue
        trying = Trying(side, index)
        root = side.roots[index]
        missing = policy.missing(root, decision, side.portfolio, path=path)
        for name in {(blank.owner, blank.name) for blank in missing if blank.kind == "field"}:
            told = name[1] if name[0] == "项目" else ".".join(name)
            labels = [
                label
                for blank in missing
                if (blank.owner, blank.name) == name
                for label, (instance, field) in trying.cells.items()
                if (instance.path, field) == (blank.object, blank.name)
            ]
            settles = all(one.status in SETTLED for one in trying.whatever(labels, path, decision))
            expected.setdefault(told, set())
            if settles:
                expected[told].add(index)
    found = {name: set(one.settles) for name, one in _by_field(Study(side, side)).items() if "（" not in name}
    assert found == expected


HAND = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 户数（households）：整数（户） 取值 0 户 以上 由 村
  字段 计划（planned）：金额（万元）
  研判 前景（prospect）：枚举 { 好、差 } 由 评估组
  字段 停产日（stopped_on）：日期 由 乡镇
参数 最长（longest）：时长（个月） 未定 取值 6 个月 至 12 个月
  依据【一】“时间较长的”
决定 分类（category）：单选 { 升级、盘活 }
规则 升级类
  依据【一】“十户以上而前景好的”
  当 户数 ≥ 10 户 且 前景 为 好
  则 分类 为 升级
规则 盘活类
  依据【二】“停产较久的”
  当 停产日 起满 最长
  则 分类 为 盘活
"""
# The date of evaluation is 2025-09-15.
RECORDS = [
    {"编号": "1", "户数": 12, "停产日": "2025-09-01", "计划": 100},  # open by 前景
    {"编号": "2", "前景": "好", "停产日": "2025-09-01"},  # open by 户数
    {"编号": "3", "停产日": "2025-09-01", "计划": Fraction(1, 2)},  # open by both: neither is enough
    {"编号": "4", "户数": 3, "停产日": "2025-01-01", "计划": 7},  # open by the parameter
    {"编号": "5", "户数": 3},  # open by the day; with some days by the parameter, too
    {"编号": "6", "户数": 3, "停产日": "2020-01-01"},  # settled
]


def test_who_knows_what_bears_on_whom_and_in_which_order_to_ask() -> None:
    policy = policy_from_text(HAND)
    side = side_of(policy, RECORDS, ("分类",))
    beside = Beside((policy.program,), (), ("计划",), ())
    found = _by_field(Study(side, side), beside)
    told = {name: (one.holders, one.records, one.settles) for name, one in found.items()}
    assert told == {
        "前景": (("评估组",), (0, 2), (0,)),
        "户数": (("村",), (1, 2), (1,)),
        "参数“最长”": (("县级设定",), (3, 4), (3,)),
        "停产日": (("乡镇",), (4,), ()),
    }
    assert found["前景"].totals == {"计划": Total(Fraction(201, 2), 0)}
    assert found["参数“最长”"].totals == {"计划": Total(7, 1)}
    # Three of them settle one result each and bear on two. With the first, 户数 settles two more; 停产日 none before 最长 is set.
    order = [(one.field, one.cover) for one in blanks(Study(side, side))]
    assert order == [("前景", 1), ("户数", 2), ("参数“最长”", 3), ("停产日", 4)]


@pytest.mark.parametrize("seed", range(12))
def test_of_one_decision_what_it_would_be_if_it_were_the_only_one(seed: int) -> None:
    chance = random.Random(seed)
    policy = random_policy(chance)
    records = [random_record(chance, number, 0.3) for number in range(8)]
    whole = blanks(Study(*[side_of(policy, records, ("分类", "去向"))] * 2))
    for name in ("分类", "去向"):
        alone = blanks(Study(*[side_of(policy, records, (name,))] * 2))
        expected = {one.field: (len(one.records), len(one.settles)) for one in alone}
        assert {one.field: one.by_decision[name] for one in whole if name in one.by_decision} == expected


def test_trying_is_bounded_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = policy_from_text(HAND)
    side = side_of(policy, RECORDS, ("分类",))
    said: list[str] = []
    whole = {one.field: one for one in blanks(Study(side, side), said=said.append)}
    assert said == []
    monkeypatch.setattr(module, "MOST_WORK", -1)
    again = [{one.field: one for one in blanks(Study(side, side), said=said.append)} for _ in range(2)]
    assert said == [module.STOPPED] * 2 and again[0] == again[1]
    # What bears on what is told as ever; what is said to settle a result does: here that of which nothing else is missing.
    assert {name: one.records for name, one in again[0].items()} == {name: one.records for name, one in whole.items()}
    assert all({*one.settles} <= {*whole[name].settles} for name, one in again[0].items())
    assert again[0]["前景"].settles == (0,) and again[0]["停产日"].settles == ()
    # So it is where the rules of a decision are too much.
    monkeypatch.undo()
    monkeypatch.setattr(costs, "MOST_TRIED", OPEN)
    assert {one.field: one for one in blanks(Study(side, side), said=said.append)} == whole and len(said) == 2
    monkeypatch.setattr(costs, "MOST_TRIED", OPEN - 1)
    assert {one.field: one for one in blanks(Study(side, side), said=said.append)} == again[0]
    assert said == [module.STOPPED] * 3
    # And where results wait for too many blanks: those that wait for one (59 steps) are tried, those that wait for two (118 and more)
    # are not.
    monkeypatch.setattr(costs, "MOST_TRIED", OPEN)
    monkeypatch.setattr(module, "_SEVERAL", OPEN)
    monkeypatch.setattr(costs, "MOST_FREED", 0)
    few = {one.field: one for one in blanks(Study(side, side), said=said.append)}
    assert said == [module.STOPPED] * 4
    assert few["前景"].settles == (0,) and few["户数"].settles == (1,)
    # The report says it too.
    stricter = policy_from_text(HAND.replace("≥ 10 户", "≥ 11 户"))
    found = impact(policy, stricter, RECORDS, by=(), money=(), weight=(), readings=False, nearest=False)
    assert module.STOPPED in found.about.notes


# Of each open result 50 beside the conditions; 户数, 10 户, 前景, and what compares and joins them; 停产日, 最长, and what compares them.
OPEN = 50 + 6 + 3


@pytest.mark.parametrize(("most", "asked"), [(1, 1), (2 * OPEN, 2), (3 * OPEN - 1, 2), (4 * OPEN, 4), (5 * OPEN, 6)])
def test_so_many_of_the_first_are_asked(monkeypatch: pytest.MonkeyPatch, most: int, asked: int) -> None:
    """What is settled costs nothing: the sixth is always asked with the fifth."""
    monkeypatch.setattr(costs, "MOST_OPEN", most)
    side = side_of(policy_from_text(HAND), RECORDS, ("分类",))
    assert asked_of(side) == asked
    told = blanks(Study(side, side), asked=asked)
    assert {record for one in told for record in one.records} == set(range(min(asked, 5)))


@pytest.mark.parametrize(("rows", "cost"), [(0, 52), (1, 52), (3, 54)])
def test_rows_are_asked_one_by_one(monkeypatch: pytest.MonkeyPatch, rows: int, cost: int) -> None:
    text = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
对象 资产（asset） 属于 项目
  字段 闲置（idle）：是否
决定 分类（category）：单选 { 盘活 }
规则 盘活类
  依据【一】“有闲置资产的”
  当 任一 资产 满足（闲置）
  则 分类 为 盘活
"""
    # A list that was not supplied may have a row.
    record = {"编号": "1"} | ({"资产": [{}] * rows} if rows else {})
    side = side_of(policy_from_text(text), [record, record | {"编号": "2"}], ("分类",))
    for most, asked in ((2 * cost - 1, 1), (2 * cost, 2)):
        monkeypatch.setattr(costs, "MOST_OPEN", most)
        assert asked_of(side) == asked


def test_the_report_says_of_how_many_it_was_asked_and_tells_all_else(monkeypatch: pytest.MonkeyPatch) -> None:
    new = policy_from_text(HAND)
    old = policy_from_text(HAND[: HAND.index("规则 盘活类")])
    whole = impact(old, new, RECORDS, by=(), money=(), weight=())
    assert {cell.record: cell.blanks for cell in whole.cells} == {
        3: ("参数“最长”",),
        4: ("停产日", "参数“最长”"),
        5: (),
    }
    monkeypatch.setattr(costs, "MOST_OPEN", 4 * OPEN)
    part = impact(old, new, RECORDS, by=(), money=(), weight=())
    assert {cell.record: cell.blanks for cell in part.cells} == {3: ("参数“最长”",), 4: (), 5: ()}
    (note,) = set(part.about.notes) - set(whole.about.notes)
    assert "只查了前 4 个项目（共 6 个）" in note and "--all-missing" in note
    assert max(record for one in part.blanks for record in one.records) == 3
    assert (part.decisions, part.causes, part.provisions) == (whole.decisions, whole.causes, whole.provisions)
    assert part.readings == whole.readings and part.nearest == whole.nearest
    every = impact(old, new, RECORDS, by=(), money=(), weight=(), all_missing=True)
    assert (every.cells, every.blanks, every.about.notes) == (whole.cells, whole.blanks, whole.about.notes)
    assert "all_missing=True" in every.about.command


def test_work_is_counted_where_numbers_meet_numbers() -> None:
    """The same questions take the same work; a comparison of two unknown numbers more than one of a number and a constant."""

    def work(condition: str) -> int:
        policy = policy_from_text(HAND.replace("户数 ≥ 10 户 且 前景 为 好", condition))
        deciding = Deciding(policy.program, policy.portfolio(RECORDS[2:3]), "分类", free=True)
        subject = deciding.subject(side_of(policy, RECORDS[2:3], ("分类",)).roots[0], "项目")
        deciding.with_values(subject, deciding.inputs(subject, above=True))
        return deciding.work

    plain, both = work("计划 ≥ 10 万元"), work("计划 ≥ 10 万元 且 户数 × 2 ≥ 户数 + 5 户")
    assert 0 < plain < both and plain == work("计划 ≥ 10 万元")


def test_what_to_fill_in_for_one_result() -> None:
    side = side_of(policy_from_text(HAND), RECORDS, ("分类",))
    assert set(blanks_of(side, (2, "项目", "分类"))) == {"户数", "前景"}
    assert blanks_of(side, (3, "项目", "分类")) == {"参数“最长”": ("县级设定",)}
    assert blanks_of(side, (5, "项目", "分类")) == {} == blanks_of(side, (5, "项目", "没有"))


def test_a_conflict_is_for_somebody_to_rule_on() -> None:
    text = HAND.replace("停产日 起满 最长", "前景 为 好")
    side = side_of(policy_from_text(text), [{"编号": "1", "户数": 12, "前景": "好"}], ("分类",))
    (one,) = blanks(Study(side, side))
    assert (one.field, one.holders, one.settles, one.cover) == ("分类（冲突未解决）", ("县级裁定",), (0,), 1)


def test_what_waits_for_others_is_not_settled_by_its_own() -> None:
    text = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否
统计 停产数
  依据【一】“停产较多的”
  计数 项目
  其中 停产
决定 意见（intake）：单选 { 暂缓 }
规则 暂缓类
  依据【一】“停产较多的”
  当 停产数 ≥ {least}
  则 意见 为 暂缓
"""
    records = [{"编号": "1", "停产": True}, {"编号": "2"}, {"编号": "3"}]
    side = side_of(policy_from_text(text.replace("{least}", "3")), records, ("意见",))
    (one,) = blanks(Study(side, side))
    # Not standing still settles it, standing still leaves it to the other: so whatever is filled in it is not settled.
    assert (one.field, one.records, one.settles, one.cover) == ("停产", (1, 2), (), 0)
    records = [{"编号": "1", "停产": True}, {"编号": "2", "停产": False}, {"编号": "3"}]
    side = side_of(policy_from_text(text.replace("{least}", "2")), records, ("意见",))
    (one,) = blanks(Study(side, side))
    assert (one.records, one.settles, one.cover) == ((2,), (2,), 1)


COUNTY = """
对象 县（county）
  字段 县名（county_name）：文本
  字段 规划（planned）：是否 由 县农业农村局
对象 项目（project） 属于 县 标识 编号
  字段 编号（id）：文本
决定 进度（progress）：单选 { 完成 }
  对 县
规则 完成类
  依据【一】“编制规划”
  对 县
  当 规划
  则 进度 为 完成
"""


def test_what_records_share_is_open_once() -> None:
    county = {"县名": "青山"}
    records = [{"编号": "1", "县": county}, {"编号": "2", "县": county}, {"编号": "3", "县": {"县名": "白水"}}]
    side = side_of(policy_from_text(COUNTY), records, ("进度",))
    (one,) = blanks(Study(side, side))
    assert (one.field, one.records, one.settles, one.cover) == ("县.规划", (0, 2), (0, 2), 1)


def test_a_sum_that_adds_up_what_it_is_compared_with() -> None:
    """30 and the own amount and another that is not known, against three times the own: from 15 on it hangs on the other."""
    text = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 投资（invested）：金额（万元） 取值 0 万元 以上
统计 总额
  合计 项目.投资
决定 意见（intake）：单选 { 暂缓 }
规则 暂缓类
  依据【一】“投资集中的”
  当 总额 ≥ 投资 × 3
  则 意见 为 暂缓
"""
    policy = policy_from_text(text)
    side = side_of(policy, [{"编号": "1"}, {"编号": "2"}, {"编号": "3", "投资": 30}], ("意见",))
    (one,) = blanks(Study(side, side))
    assert (one.field, one.records, one.settles, one.cover) == ("投资", (0, 1), (), 0)
    # Where it is all that is open, it settles it.
    side = side_of(policy, [{"编号": "1"}, {"编号": "2", "投资": 30}], ("意见",))
    (one,) = blanks(Study(side, side))
    assert (one.records, one.settles, one.cover) == ((0,), (0,), 1)

"""Causes on the example ledger, worked by hand from the clauses; by brute force; and of edits that are made in the text of a layer.

The rows were worked out from the rule texts and by deleting provisions from copies of the folders, before there was anything that finds causes.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from tests.analysis.brute import WHOLE, check
from tests.analysis.example import DAY, PAIRS, ROOT, Case, case
from tests.analysis.pairs import differing

import policyrules as pr
from policyrules.analysis.attribute import blended
from policyrules.analysis.attribution import Spot, causes
from policyrules.analysis.trials import Asked

pytest.importorskip("openpyxl")


_CASES: dict[str, Case] = {}


@pytest.fixture
def found(example_ledger: Path, request: pytest.FixtureRequest) -> Case:
    """The pair of policies that a test is about."""
    pair: str = request.param
    if pair not in _CASES:
        _CASES[pair] = case(example_ledger, *PAIRS[pair])
    return _CASES[pair]


# ---- by hand --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A change: what is enough by itself, what must go for the old result, each in sets separated by ``|``, names by ``+``; why."""

    pair: str
    project: str
    decision: str
    before: str
    after: str
    enough: str
    undo: str
    why: str


OPEN = "待定"
ROWS = (
    Row("NJ", "SL0028", "分类", "升级", "无", "升级类", "升级类", "链条不是不完整，省里的还须不成立"),
    Row("NJ", "SL0001", "分类", "升级", OPEN, "升级类", "升级类", "链条没有评，省里的还须说不准"),
    Row("NJ", "SL0162", "分类", "盘活", "无", "盘活类", "盘活类", "不可好转，省里的还须不成立"),
    Row("NJ", "SL0018", "范围", "在列举内", "未列举须认定", "列举资金支持", "列举资金支持", "资金不在省里列举的里面"),
    # Without the ban it is open again and not 文本不禁止: 反向约束, which nobody has set a number for, stands behind it.
    Row("NJ", "SL0145", "入库意见", "文本不禁止", "不得入库", "四项禁入", "四项禁入+反向约束", "四项里有一项"),
    Row("NJ", "SL0017", "入库意见", "文本不禁止", OPEN, "四项禁入+反向约束", "四项禁入+反向约束", "三种可能要两条都在"),
    Row("NJ", "SL0343", "在库处理", "保留", "及时出库", "禁入项目出库", "禁入项目出库+反向约束项目出库", "禁入的就出库"),
    Row("NJ", "SL0141", "在库处理", OPEN, OPEN, "禁入项目出库|反向约束项目出库",
        "禁入项目出库+反向约束项目出库", "哪一条都使及时出库成为可能"),
    # Without 转为公益性资产 the asset falls under what must be disposed of: that rule stands behind it.
    Row("NJ", "SL0307", "资产去向", "", "转公益性资产", "转为公益性资产", "转为公益性资产+确需处置的规范处置", "公益性的先转"),
    Row("JC", "SL0042", "分类", "无", "升级", "县补充升级类", "县补充升级类", "县里另补的一条"),
    Row("JC", "SL0095", "分类", "冲突", "盘活", "盘活先于升级", "盘活先于升级", "两类都合，县里定了先后"),
    Row("JC", "SL0015", "分类", OPEN, "盘活", "盘活先于升级", "盘活先于升级", "升级没有排除，先后使它不再要紧"),
    # 36 months are full; were they not asked for, 24 months would be, which takes 困难 away instead.
    Row("JC", "SL0076", "分类", "盘活", "无", "盘活类", "盘活类+暂时困难最长月数", "停产满 36 个月，也满 24 个月"),
    Row("JC", "SL0001", "分类", OPEN, "升级", "按环节认定链条", "按环节认定链条", "只有链条没有评"),
    Row("JC", "SL0487", "分类", OPEN, "升级", "按技术水平认定技术短板|按缺少设施认定设施短板",
        "按技术水平认定技术短板+按缺少设施认定设施短板", "有一样短板就够"),
    Row("JC", "SL0188", "分类", OPEN, "无", "按技术水平认定技术短板+按缺少设施认定设施短板",
        "按技术水平认定技术短板|按缺少设施认定设施短板", "两样短板都没有才不归"),
    Row("JC", "SL0508", "分类", OPEN, OPEN, "按户数认定带动能力+按盈亏认定市场效益",
        "按户数认定带动能力+按盈亏认定市场效益", "五种可能剩三种，各去掉一种"),
    # The supplement changes what it may be once more where the presumption is gone, and does not restore it.
    Row("JC", "SL0252", "分类", OPEN, OPEN, "按户数认定带动能力", "按户数认定带动能力", "五种可能剩四种"),
    Row("JC", "SL0004", "入库意见", OPEN, "暂缓新增", "反向约束方式+反向约束数量",
        "反向约束方式|反向约束数量", "怎样数、数到几，都要定"),
    Row("JC", "SL0050", "在库处理", OPEN, "保留", "上述项目含反向约束|反向约束占比+反向约束数量",
        "上述项目含反向约束+反向约束占比|上述项目含反向约束+反向约束数量", "不含就与它无关；数和占比定了也不算多"),
    Row("JC", "SL0020", "范围", "未列举须认定", "在列举内", "其他在范围资金", "其他在范围资金", "县里列了这一种资金"),
    Row("NC", "SL0095", "分类", "冲突", "盘活", "分类+盘活先于升级", "分类|盘活先于升级", "省里写先后，县里启用"),
    Row("NC", "SL0004", "入库意见", "文本不禁止", "暂缓新增", "反向约束+反向约束方式+反向约束数量",
        "反向约束", "省里的规则，县里的数和数法"),
    Row("NC", "SL0028", "分类", "升级", "无", "升级类", "升级类", "同国家到省的一样，县里的四条推定不起作用"),
)  # fmt: skip


def sets(written: str) -> set[frozenset[str]]:
    return {frozenset(one.split("+")) for one in written.split("|")}


@pytest.mark.parametrize(
    ("found", "row"),
    [(row.pair, row) for row in ROWS],
    indirect=["found"],
    ids=[f"{row.pair} {row.project}" for row in ROWS],
)
def test_a_case_worked_by_hand(found: Case, row: Row) -> None:
    (spot,) = [
        spot
        for spot in found.found.causes
        if found.portfolio.members[spot.index].identity == row.project and spot.name == row.decision
    ]
    said = [None if one is None else _word(one) for one in found.said[spot]]
    assert said == [row.before or None, row.after]
    cause = found.found.causes[spot]
    assert found.named(*cause.enough) == sets(row.enough), row.why
    assert found.named(*cause.undo) == sets(row.undo), row.why


def _word(outcome: object) -> str:
    assert isinstance(outcome, tuple)
    status, candidates, _ = outcome
    words = {"undetermined": OPEN, "conflict": "冲突", "none": "无", "not_applicable": "不适用"}
    return words.get(status) or next(iter(candidates))


# ---- by brute force -------------------------------------------------------------------------------------------------

BOUNDED = (
    ("NJ", ("分类", "范围", "入库意见", "资产去向", "在库处理"), 3),
    ("JC", ("范围", "资产去向"), 2),
    ("JC", ("分类",), 8),
    ("NC", ("分类", "范围", "资产去向"), 12),
)
"""Of each pair the decisions that are tried, every so many changes."""


@pytest.mark.parametrize(
    ("found", "names", "every"), BOUNDED, indirect=["found"], ids=[f"{pair} {names[0]}" for pair, names, _ in BOUNDED]
)
def test_causes_by_brute_force(found: Case, names: tuple[str, ...], every: int) -> None:
    """``python -m tests.analysis.brute`` tries them all."""
    tried = 0
    for name in names:
        spots = [spot for spot in found.found.causes if spot.name == name][::every]
        tallies, _ = check(found, spots)
        tally = tallies[name]
        assert tally.faults == [] and tally.left_out == 0
        assert tally.exhaustive == len(spots) or max(len(found.found.causes[one].acts) for one in spots) > WHOLE
        tried += tally.changes
    assert tried >= 4


# ---- edits made in place --------------------------------------------------------------------------------------------

SHORT = "任一满足（技术短板；设施短板）"
BANS = "任一满足（不符合政策方向；不适应市场；运营有安全风险；难以落地）"
ORDER = "盘活先于升级（precedence_panhuo_over_shengji）：是否 缺省"
EDITS = {
    "还须加一项": ("范围与分类.rules", SHORT, f"{SHORT} 且 带动脱贫户 ≥ 10 户", "升级类", 40),
    "还须放宽": ("范围与分类.rules", f"链条 为 不完整 且 {SHORT}", "链条 为 不完整", "升级类", 19),
    "术语少一种": ("入库与立项.rules", BANS, BANS.replace("；难以落地", ""), "禁入情形", 9),
    "缺省反过来": ("范围与分类.rules", f"{ORDER} 否", f"{ORDER} 是", "盘活先于升级", 8),
}


@cache
def province() -> pr.Policy:
    return pr.load(ROOT / "policies/jiangxi", as_of=DAY)


@pytest.mark.parametrize("name", EDITS)
def test_every_change_is_put_down_to_the_edit_that_was_made_in_place(
    example_ledger: Path, tmp_path: Path, name: str
) -> None:
    file, old, new, edited, count = EDITS[name]
    for layer in ("national", "jiangxi"):
        shutil.copytree(ROOT / "policies" / layer, tmp_path / layer)
    path = tmp_path / "jiangxi" / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    before, after = province(), pr.load(tmp_path / "jiangxi", as_of=DAY)
    portfolio = after.portfolio(before.read(example_ledger))
    asked = [Asked(one.name) for one in after.program.decisions.values() if one.mode != "多选"]
    said = differing(before, after, portfolio, portfolio, asked)
    changed: dict[Spot, tuple[object, object]] = {spot: pair for spot, pair in said.items() if pair[0] != pair[1]}
    assert len({spot.index for spot in changed}) == count
    blend = blended(before, after)
    (act,) = blend.atoms
    assert act.origin.name == edited
    told = causes(blend, portfolio, changed, said=changed.__getitem__)
    assert told.faults == () and set(told.causes) == set(changed)
    for cause in told.causes.values():
        assert (cause.enough, cause.change, cause.undo) == ((frozenset({act.number}),),) * 3

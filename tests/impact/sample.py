"""An impact made by hand, every part of it filled, and what can be made of it: nothing changed, hostile texts, thousands of rows.

Five records, of which four change; what the numbers are is worked out in the comments, so that tests of what is shown need no engine.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from typing import Any

from policyrules.results import STATUS_NAMES
from policyrules.variation import model
from policyrules.variation.model import Bounds, Cell, Impact, Record, State, Total

UP = State("升级", "determined", ("升级",))
REVIVE = State("盘活", "determined", ("盘活",))
NONE = State("无", "none", ("无",))
OPEN = State("待定", "undetermined", ("升级", "无"))
CLASH = State("冲突", "conflict", ("升级", "盘活"))

MEASURES = (
    model.Measure("资金.金额", "万元", "money"),
    model.Measure("计划总投资", "万元", "money"),
    model.Measure("带动脱贫户", "户", "weight"),
)


def record(index: int, place: str, kind: str, money: object, planned: object, households: object) -> Record:
    amounts: Any = dict(zip((one.name for one in MEASURES), (money, planned, households), strict=True))
    return Record(index, f"P{index + 1}", f"{place}{kind}项目", {"乡镇": place, "项目类型": kind}, amounts)


RECORDS = (
    record(0, "甲乡", "加工厂", Fraction(2469, 2), 1300, 8),
    record(1, "甲乡", "养殖场", 300, None, 12),
    record(2, "乙镇", "加工厂", Fraction(401, 4), 90, None),
    record(3, "", "养殖场", None, 40, 3),
    record(4, "乙镇", "种植园", 77, 77, 20),
)


def totals(*records: int) -> dict[str, Total]:
    told = {}
    for one in MEASURES:
        values = [RECORDS[index].amounts[one.name] for index in records]
        told[one.name] = Total(sum((v for v in values if v is not None), start=0), values.count(None))
    return told


def act(number: int, operation: str, name: str, old: str, new: str, authority: model.Authority = "不适用") -> model.Act:
    place = f"二（{number + 1}）"
    quote = f"甲文〔2025〕1号【{place}】“第{number + 1}条的原话”"
    note = "上层没有准许下层放宽" if authority == "无" else ""
    return model.Act(
        number,
        "加条件",
        operation,
        "SHENG",
        name,
        old,
        new,
        (f"S-{number}",),
        (quote,),
        "层/规则.rules:9",
        authority,
        note,
    )


ACTS = (
    act(0, "还须", "升级类", "当 链条 为 不完整", "当 链条 为 不完整\n  且 带动脱贫户 ≥ 10 户", "有"),
    act(1, "设定", "盘活先于升级", "缺省 否", "是", "无"),
    act(2, "推定", "按户数认定", "", "当 带动脱贫户 ≥ 10 户 则 带动能力 为 强"),
    act(3, "设定", "没有用处的参数", "1 个", "2 个"),
)

LAYERS = (
    model.Layer("GUO", "国家", "国家的指导意见", "国家", "国文〔2024〕26号", True, "2024-10-21", False, ""),
    model.Layer("SHENG", "某省", "某省的实施意见", "省", "省文〔2025〕2号", True, "2025-01-01", True, "施行日是假定的"),
)

ABOUT = model.About(
    "升级类另须带动脱贫户：对示例台账的影响",
    model.Side("国家", LAYERS[:1], {}, "a" * 64),
    model.Side("国家＋某省", LAYERS, {"户数": "10 户"}, "b" * 64),
    datetime.date(2025, 11, 15),
    "项目",
    model.LedgerFile("台账.xlsx", "c" * 64, 5, ("P9",), True),
    ("乡镇", "项目类型"),
    MEASURES,
    "分类",
    "policyrules impact 国家 某省 台账.xlsx --as-of 2025-11-15",
    ("《某省的实施意见》的施行日 2025-01-01 是推定的，文件里没有写",),
)

CELLS = (
    Cell(0, "项目", "项目", "分类", UP, NONE, "失", True, 0, ()),
    Cell(1, "项目", "项目", "分类", CLASH, REVIVE, "明确", False, 1, ()),
    Cell(2, "项目", "项目", "分类", UP, OPEN, "变不明", False, 2, ("项目.带动脱贫户",)),
    Cell(3, "项目", "项目", "分类", NONE, UP, "得", True, None, ()),
    Cell(
        0,
        "资产[0]",
        "资产 Z1",
        "去向",
        NONE,
        State("转让", "determined", ("转让",)),
        "得",
        True,
        3,
        (),
        {"资金.金额": None, "计划总投资": None, "带动脱贫户": 5},
    ),
)

CAUSES = (
    model.Cause(0, "alone", "只由 某省 还须“升级类”【二（1）】 引起", ((0,),), ((0,),), ((0,),), (), True, 4, 1),
    model.Cause(1, "alone", "只由 某省 设定“盘活先于升级”【二（2）】 引起", ((1,),), ((1,),), ((1,),), (), True, 4, 1),
    model.Cause(
        2,
        "jointly",
        "由 某省 还须“升级类”【二（1）】 和 某省 推定“按户数认定”【二（3）】 共同引起",
        ((0, 2),),
        ((0,), (2,)),
        ((0,), (2,)),
        (),
        False,
        3,
        1,
    ),
    model.Cause(
        3,
        "either",
        "某省 还须“升级类”、某省 设定“盘活先于升级”，任一条就足够",
        ((0,), (1,)),
        ((0, 1),),
        ((0, 1),),
        ((1,),),
        True,
        4,
        1,
    ),
)

# P1 went from 升级 to none, P2 from a clash to 盘活, P3 from 升级 to open, P4 from none to 升级; P5 stays.
FLOWS = (
    model.Flow("升级", "升级", 1, (), totals(4)),
    model.Flow("升级", "待定", 1, (2,), totals(2), {"乡镇": {"乙镇": 1}, "项目类型": {"加工厂": 1}}),
    model.Flow("升级", "无", 1, (0,), totals(0), {"乡镇": {"甲乡": 1}, "项目类型": {"加工厂": 1}}),
    model.Flow("冲突", "盘活", 1, (1,), totals(1), {"乡镇": {"甲乡": 1}, "项目类型": {"养殖场": 1}}),
    model.Flow("无", "升级", 1, (3,), totals(3), {"乡镇": {"": 1}, "项目类型": {"养殖场": 1}}),
)

CLASSES = model.DecisionImpact(
    "分类",
    "category",
    "项目",
    ("升级", "盘活"),
    False,
    "",
    5,
    4,
    FLOWS,
    {"升级": (Bounds(3, 5), Bounds(2, 4)), "盘活": (Bounds(0, 2), Bounds(1, 2)), "无": (Bounds(1, 2), Bounds(1, 3))},
    1,
    {"alone": 2, "jointly": 1, "unfound": 1},
)
ROWS = model.DecisionImpact(
    "去向",
    "course",
    "资产",
    ("转让", "移交"),
    True,
    "new",
    2,
    1,
    (
        model.Flow("没有这一项", "转让", 1, (0,), totals(0)),
        model.Flow("没有这一项", "无", 1, (1,), totals(1)),
    ),
    {"转让": (Bounds(0, 0), Bounds(1, 1)), "移交": (Bounds(0, 0), Bounds(0, 0))},
    None,
    {"either": 1},
)


def piece(low: int, high: int | None, text: str, sure: int, most: int, moved: tuple[int, ...]) -> model.Piece:
    bounds = {"分类": {"升级": Bounds(5 - most, 5 - sure), "盘活": Bounds(1, 2)}}
    changed = {"分类": Bounds(sure, most)}
    return model.Piece(low, high, True, high is not None, low, text, bounds, changed, moved, (2,))


SWEEP = model.Sweep(
    "户数",
    "户",
    "new",
    10,
    True,
    4,
    (
        piece(0, 3, "0 至 3 户", 0, 1, ()),
        piece(4, 8, "4 至 8 户", 1, 2, (3,)),
        piece(9, 12, "9 至 12 户", 2, 3, (0, 3)),
        piece(13, None, "13 户以上", 3, 4, (0, 1, 3)),
    ),
    (8, 13),
    "",
    "10 户",
    ("8 户", "13 户"),
)
CHOICE = model.Sweep(
    "先后",
    "",
    "new",
    None,
    False,
    2,
    (
        replace(piece(0, 0, "是", 2, 3, (0, 3)), low=None, high=None, at=None),
        replace(piece(0, 0, "否", 1, 2, (3,)), low=None, high=None, at=None),
    ),
    (None, None),
    "只试了两个值",
    "是",
)

IMPACT = Impact(
    ABOUT,
    RECORDS,
    ACTS,
    (CLASSES, ROWS),
    (model.AmountImpact("补助", "subsidy", "万元", "", 5, 1, 2, 100, Fraction(251, 2)),),
    CELLS,
    CAUSES,
    (
        model.ProvisionCount(0, 1, 1, 1, {"分类": 2, "去向": 1}, totals(0, 2)),
        model.ProvisionCount(1, 1, 0, 1, {"分类": 1, "去向": 1}, totals(0, 1)),
        model.ProvisionCount(2, 0, 1, 0, {"分类": 1}, totals(2)),
    ),
    (model.PairCount(0, 2, 1, 0, 0), model.PairCount(0, 1, 0, 1, 1)),
    (
        model.Group("乡镇", "甲乡", "分类", 2, 1, 1, totals(0), totals(1)),
        model.Group("乡镇", "乙镇", "分类", 2, 0, 1, totals(), totals(2)),
        model.Group("乡镇", "", "分类", 1, 1, 0, totals(3), totals()),
        model.Group("乡镇", "甲乡", "去向", 2, 1, 0, totals(0), totals()),
        model.Group("项目类型", "加工厂", "分类", 2, 1, 1, totals(0), totals(2)),
        model.Group("项目类型", "养殖场", "分类", 2, 1, 1, totals(3), totals(1)),
    ),
    (
        model.DirectionCount("分类", "得", 1, (3,), totals(3)),
        model.DirectionCount("分类", "失", 1, (0,), totals(0)),
        model.DirectionCount("分类", "明确", 1, (1,), totals(1)),
        model.DirectionCount("分类", "变不明", 1, (2,), totals(2)),
        model.DirectionCount("去向", "得", 1, (0,), totals(0)),
    ),
    (
        model.ValueMove("帮扶措施", "精深加工", (3,), (0,), (1,), (), (2,)),
        model.ValueMove("帮扶措施", "品牌打造", (3,), (), (), (), ()),
    ),
    (
        model.FindingMove("严格论证", "duty", "unverified", "violated", True, 2, (0, 1)),
        model.FindingMove("台账类别已不符合", "notice", "not_applicable", "notice", False, 1, (0,)),
        model.FindingMove("退出销号", "duty", "unverified", "not_applicable", False, 1, (1,)),
    ),
    3,
    (SWEEP, CHOICE),
    (
        model.Grid(
            ("户数", "先后"),
            "分类",
            ("0 至 8 户", "9 户以上"),
            ("是", "否"),
            ((Bounds(0, 1), Bounds(1, 1)), (Bounds(2, 3), Bounds(4, 5))),
        ),
    ),
    (
        model.DateChange(
            datetime.date(2026, 6, 30),
            ("停产满 24 个月",),
            (),
            (model.Moved(1, "项目", "分类", "盘活", "无"), model.Moved(4, "项目", "分类", "升级", "无")),
            {"分类": 4},
        ),
        model.DateChange(
            datetime.date(2027, 1, 1),
            ("某文件施行",),
            (model.Moved(4, "项目", "分类", "升级", "待定"),),
            (),
            {"分类": 3},
            datetime.date(2025, 11, 15),
        ),
    ),
    (
        model.Nearest(
            0,
            "项目",
            "分类",
            "无",
            "升级",
            ((model.Step("项目.带动脱贫户", "8 户", "10 户", "事实", "2 户"),),),
            2,
            2,
        ),
        model.Nearest(
            1,
            "项目",
            "分类",
            "盘活",
            "升级",
            (
                (
                    model.Step("项目.市场效益", "差", "好", "研判", ""),
                    model.Step("项目.停产日", "2024年1月1日", "2025年1月1日", "日期", "晚 366 天"),
                ),
            ),
            0,
            2,
        ),
        model.Nearest(2, "项目", "分类", "待定", "盘活", (), 0, 2),
    ),
    (
        model.BlankValue("项目.带动脱贫户", ("村", "乡镇"), (2, 3), (2,), 1, totals(2, 3)),
        model.BlankValue("项目.发展前景", (), (3,), (), 0, totals(3)),
    ),
    (
        model.Reading(
            "停产读法", "独立入口", "子情形", (), (model.Moved(1, "项目", "分类", "盘活", "无"),), {"分类": 3}
        ),
        model.Reading("另一读法", "甲", "乙", (), (), {"分类": 4}),
    ),
    (
        model.Variation(
            "乙方案",
            model.Side("国家＋试验乙", LAYERS, {}, "d" * 64),
            (replace(CLASSES, changed=1, flows=(replace(FLOWS[0], count=4), FLOWS[3])),),
            ((1, "项目", "分类"), (4, "项目", "分类")),
            (
                model.Onward("分类", "升级", "无", "升级", 1, (0,)),
                model.Onward("分类", "升级", "升级", "待定", 1, (4,)),
            ),
        ),
    ),
    ("现在的一边多一个字段“备注”",),
    1,
    holders={"项目.带动脱贫户": ("村", "乡镇")},
)

UNCHANGED = replace(
    IMPACT,
    decisions=(replace(CLASSES, changed=0, flows=(replace(FLOWS[0], count=5),)),),
    amounts=(),
    cells=(),
    causes=(),
    provisions=(),
    pairs=(),
    groups=(),
    directions=(),
    values=(),
    findings=(),
    complied=0,
    sweeps=(),
    grids=(),
    dates=(),
    nearest=(),
    blanks=(),
    readings=(),
    variations=(),
    beside=(),
    unattributed=0,
    holders={},
)
"""The same rules and ledger, where no result differs."""

EMPTY = replace(
    UNCHANGED,
    about=replace(ABOUT, by=(), measures=(), notes=(), ledger=model.LedgerFile("空.xlsx", "", 0, (), False)),
    records=(),
    acts=(),
    decisions=(),
)
"""A ledger without a record, and policies without a decision of one value."""


def without_decisions() -> Impact:
    """What is left where only an amount changes."""
    cell = Cell(
        0,
        "项目",
        "项目",
        "补助",
        State("3 万元", "determined", ()),
        State("4 万元", "determined", ()),
        "移",
        True,
        0,
        (),
    )
    return replace(
        UNCHANGED,
        decisions=(),
        amounts=IMPACT.amounts,
        cells=(cell,),
        causes=CAUSES[:1],
        about=replace(ABOUT, decision=""),
    )


def many(count: int) -> Impact:
    """As many changed records."""
    records = tuple(replace(RECORDS[0], index=index, identity=f"P{index:05}") for index in range(count))
    cells = tuple(replace(CELLS[0], record=index) for index in range(count))
    flows = (model.Flow("升级", "无", count, tuple(range(count)), totals(0)),)
    return replace(
        IMPACT,
        records=records,
        cells=cells,
        decisions=(replace(CLASSES, objects=count, changed=count, flows=flows),),
        causes=(replace(CAUSES[0], cells=count),),
        about=replace(ABOUT, ledger=replace(ABOUT.ledger, records=count)),
        unattributed=0,
    )


_KEPT = {
    *(word for literal in (model.Direction, model.How, model.Authority) for word in literal.__args__),
    *STATUS_NAMES,
    *("", "absent", "money", "weight", "old", "new", "事实", "研判", "日期", "duty", "prohibition", "notice"),
    *("无", "待定", "冲突", "不适用", "没有这一项"),
}


def poisoned(impact: Impact, poison: str) -> Impact:
    """The same impact in which every text that comes from a file or a ledger ends in ``poison``."""

    def told(value: Any) -> Any:
        if isinstance(value, str):
            return value if value in _KEPT else value + poison
        if isinstance(value, tuple):
            return tuple(map(told, value))
        if isinstance(value, Mapping):
            return {told(key): told(one) for key, one in value.items()}
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{field.name: told(getattr(value, field.name)) for field in fields(value)})
        return value

    found = told(impact)
    assert isinstance(found, Impact)
    return found

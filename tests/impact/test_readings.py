"""Other readings, and whether a side is laxer, worked by hand."""

from __future__ import annotations

from itertools import product

from tests.impact.small import side_of

from policyrules.testing.build import policy_from_text
from policyrules.variation.laxer import form, laxer
from policyrules.variation.model import LaxerCount, Moved
from policyrules.variation.readings import readings
from policyrules.variation.study import Study, with_parameter

UPPER = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否
  字段 闲置（idle）：是否
  字段 投资（total）：金额（万元）
读法 停产读法（reading）：枚举 { 都要、一样即可 } 缺省 都要
  依据【一】“停产闲置的”
  释义 两种读法
决定 分类（category）：单选 { 盘活 }
规则 盘活类
  依据【一】“停产闲置的”
  当 视 停产读法（都要：停产 且 闲置；一样即可：停产 或 闲置）
  则 分类 为 盘活
决定 意见（intake）：由宽到严 { 可以、暂缓、不得 }
  默认 可以
规则 过小
  依据【二】“投资过小的不得入库”
  当 投资 < 10 万元
  则 意见 为 不得
"""
LOWER = """
修订 盘活类
  依据【一】“停产闲置的”
  还须 投资 ≥ 20 万元
规则 较小
  依据【二】“投资较小的暂缓”
  当 投资 < 30 万元
  则 意见 为 暂缓
"""
RECORDS = [
    {"编号": "1", "停产": True, "闲置": True, "投资": 50},
    {"编号": "2", "停产": True, "闲置": False, "投资": 50},
    {"编号": "3", "停产": False, "闲置": True, "投资": 15},
    {"编号": "4", "停产": False, "投资": 25},
    {"编号": "5", "停产": True, "闲置": True, "投资": 5},
]


def _study() -> Study:
    names = ("分类", "意见")
    return Study(
        side_of(policy_from_text(UPPER), RECORDS, names), side_of(policy_from_text(UPPER, LOWER), RECORDS, names)
    )


def test_another_reading_moves_either_side_and_what_differs_between_them() -> None:
    (one,) = readings(_study())
    assert (one.parameter, one.current, one.value) == ("停产读法", "都要", "一样即可")
    # 4 may be idle or not: with 一样即可 that matters.
    assert one.old == (
        Moved(1, "项目", "分类", "无", "盘活"),
        Moved(2, "项目", "分类", "无", "盘活"),
        Moved(3, "项目", "分类", "无", "待定"),
    )
    assert one.new == (Moved(1, "项目", "分类", "无", "盘活"), Moved(3, "项目", "分类", "无", "待定"))
    # Below 20 万元 the lower layer has none: 3 and 5. 意见 does not turn on it: 3 and 4 are put off.
    assert one.differ == {"分类": 2, "意见": 2}


def test_a_side_without_the_reading_stays_as_it_is() -> None:
    study = _study()
    bare = policy_from_text(
        UPPER[: UPPER.index("读法")]
        + UPPER[UPPER.index("决定 分类") :].replace("视 停产读法（都要：停产 且 闲置；一样即可：停产 或 闲置）", "停产")
    )
    (one,) = readings(Study(side_of(bare, RECORDS, ("分类", "意见")), study.new))
    assert one.old == () and len(one.new) == 2


def test_stricter_in_the_declared_order_and_by_losing_a_value() -> None:
    study = _study()
    assert laxer(study) == (
        LaxerCount("分类", False, (), (4,), 0, 0),
        LaxerCount("意见", True, (), (2, 3), 0, 0),
    )
    assert laxer(Study(study.new, study.old)) == (
        LaxerCount("分类", False, (4,), (), 0, 0),
        LaxerCount("意见", True, (2, 3), (), 0, 0),
    )
    # The amendment, and a rule of its own, which is stricter in the order of 意见 and new.
    assert form(study) == {"更严": 2, "增加": 1}
    assert form(Study(study.new, study.old)) == {} == form(Study(study.old, study.old))


TWO = """
对象 项目（project） 标识 编号
  字段 编号（id）：文本
  字段 停产（stopped）：是否
  字段 闲置（idle）：是否
  字段 户数（households）：整数（户）
读法 停产读法（reading）：枚举 { 都要、一样即可 } 缺省 都要
  依据【一】“停产闲置的”
  释义 两种读法
读法 户数读法（counting）：枚举 { 严、宽、不看 } 缺省 严
  依据【二】“户数”
  释义 三种读法
统计 停产数（how_many）
  依据【三】“多的”
  计数 项目
  其中 停产闲置
术语 停产闲置
  即 视 停产读法（都要：停产 且 闲置；一样即可：停产 或 闲置）
决定 分类（category）：单选 { 盘活、巩固 }
规则 盘活类
  依据【一】“停产闲置的”
  当 停产闲置
  则 分类 为 盘活
规则 巩固类
  依据【二】“户数”
  当 视 户数读法（严：户数 ≥ 4 户；宽：户数 ≥ 2 户；不看：户数 已填）
  则 分类 为 巩固
决定 意见（intake）：单选 { 暂缓 }
规则 多了
  依据【三】“多的”
  当 停产数 ≥ 3 个 且 户数 ≥ 3 户
  则 意见 为 暂缓
"""


def test_records_that_are_left_out_hang_on_no_reading() -> None:
    records = [
        {"编号": str(number), "停产": stopped, "闲置": idle, "户数": households}
        for number, (stopped, idle, households) in enumerate(
            product((True, False, None), (True, False, None), (1, 3, 5, None))
        )
    ]
    side = side_of(policy_from_text(TWO), records, ("分类", "意见"))
    found = readings(Study(side, side))
    assert [(one.parameter, one.value) for one in found] == [
        ("停产读法", "一样即可"),
        ("户数读法", "宽"),
        ("户数读法", "不看"),
    ]
    for one in found:
        # Every record again, by the definition.
        states = side.under(with_parameter(side.program, one.parameter, one.value))
        moved = [
            Moved(*key, before.text, states[key].text) for key, before in side.states.items() if states[key] != before
        ]
        assert moved and list(one.new) == moved

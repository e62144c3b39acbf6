"""A small variation whose impact is worked out by hand, and everything that may be asked beside it.

By the old rule a farm of 3 households or more is 大; by the new one it takes 5 and a licence. Seven farms:

========  ======  ======  =====  ==============================
name      户数     有证     old    new
========  ======  ======  =====  ==============================
甲场       8       是       大      大
乙场       4       是       大      无: fewer than 5
丙场       2       是       无      无
丁场       blank   是       待定    待定
戊场       4       是       大      无, its money is blank
己场       8       blank   大      待定: the licence is blank
庚场       8       否       大      无
========  ======  ======  =====  ==============================
"""

from __future__ import annotations

import datetime
from dataclasses import replace
from fractions import Fraction
from typing import Any

from policyrules.policy import Policy
from policyrules.testing.build import policy_from_text
from policyrules.variation.model import (
    BlankValue,
    Bounds,
    DateChange,
    Grid,
    Impact,
    Moved,
    Nearest,
    Piece,
    Reading,
    Step,
    Sweep,
    Total,
    Variation,
)
from policyrules.variation.whole import impact

FARMS = """
对象 农场（farm） 标识 编号
  字段 编号（id）：文本
  字段 农场名称（name）：文本
  字段 乡（township）：文本
  字段 户数（households）：整数（户）
  字段 有证（licensed）：是否
  字段 投资（invested）：金额（万元）
参数 门槛（least）：整数（户） = {least} 户
  依据【三】“若干户”
决定 归类（class）：单选 {{ 大、小 }}
  依据【一】“归类”
规则 大场
  依据【一】“大的”
  当 {when}
  则 归类 为 大
决定 补助（subsidies）：多选 {{ 种子、化肥 }}
  依据【二】“补助”
规则 种子补助
  依据【二】“补助种子”
  当 归类 为 大
  则 补助 含 种子
义务 报送
  依据【四】“报送”
  当 归类 为 大
  应当 有证
"""
OLD = FARMS.format(least=3, when="户数 ≥ 3 户")
NEW = FARMS.format(least=3, when="户数 ≥ 5 户 且 有证")
RECORDS: list[dict[str, Any]] = [
    {"编号": "1", "农场名称": "甲场", "乡": "东乡", "户数": 8, "有证": True, "投资": 1},
    {"编号": "2", "农场名称": "乙场", "乡": "东乡", "户数": 4, "有证": True, "投资": Fraction(5, 2)},
    {"编号": "3", "农场名称": "丙场", "乡": "东乡", "户数": 2, "有证": True, "投资": 1},
    {"编号": "4", "农场名称": "丁场", "乡": "西乡", "户数": None, "有证": True, "投资": 1},
    {"编号": "5", "农场名称": "戊场", "乡": "西乡", "户数": 4, "有证": True, "投资": None},
    {"编号": "6", "农场名称": "己场", "乡": "西乡", "户数": 8, "有证": None, "投资": 10},
    {"编号": "7", "农场名称": "庚场", "乡": "西乡", "户数": 8, "有证": False, "投资": 20},
]


def policies() -> tuple[Policy, Policy]:
    """The old and the new rules."""
    return policy_from_text(OLD), policy_from_text(NEW)


def sample(old: str = OLD, new: str = NEW, records: list[dict[str, Any]] | None = None, **asked: Any) -> Impact:
    """The impact of the new rules on the seven farms."""
    given = {"decision": "归类", "by": ("乡",), "money": ("投资",), "weight": ("户数",)} | asked
    return impact(policy_from_text(old), policy_from_text(new), RECORDS if records is None else records, **given)


def piece(low: int | None, high: int | None, at: int, text: str, changed: tuple[int, int]) -> Piece:
    """A piece of a sweep on which so many farms change."""
    moved = tuple(range(changed[0]))
    perhaps = tuple(range(changed[0], changed[1]))
    bounds = {"归类": {"大": Bounds(7 - changed[1], 7 - changed[0]), "小": Bounds(0, 0)}}
    return Piece(low, high, True, True, at, text, bounds, {"归类": Bounds(*changed)}, moved, perhaps)


SWEEP = Sweep(
    "门槛",
    "户",
    "new",
    5,
    True,
    4,
    (
        piece(1, 3, 1, "1 至 3 户", (0, 0)),
        piece(4, 6, 5, "4 至 6 户", (3, 4)),
        piece(7, 7, 7, "7 户", (4, 4)),
        piece(8, None, 8, "8 户以上", (5, 7)),
    ),
    (3, 7),
    "",
    "5 户",
    ("3 户", "7 户"),
)


def asked(impact: Impact) -> Impact:
    """With one of everything that may be asked beside."""
    moved = Moved(1, "农场", "归类", "大", "无")
    side = impact.about.new
    return replace(
        impact,
        sweeps=(SWEEP,),
        grids=(
            Grid(
                ("门槛", "面积"), "归类", ("1 至 3 户", "4 户以上"), ("不论多少",), ((Bounds(0, 0),), (Bounds(3, 4),))
            ),
        ),
        dates=(
            DateChange(datetime.date(2026, 6, 30), ("满 12 个月",), (), (moved,), {"归类": 3}),
            DateChange(datetime.date(2027, 1, 1), (), (moved,), (moved,), {"归类": 0}),
        ),
        nearest=(
            Nearest(1, "农场", "归类", "无", "大", ((Step("农场.户数", "4 户", "5 户", "事实", "多 1 户"),),), 0, 2),
            Nearest(
                6,
                "农场",
                "归类",
                "无",
                "大",
                (
                    (Step("农场.有证", "否", "是", "研判", ""),),
                    (Step("农场.户数", "8 户", "9 户", "事实", ""), Step("农场.有证", "否", "是", "事实", "")),
                ),
                3,
                2,
            ),
            Nearest(2, "农场", "归类", "无", "小", (), 0, 2),
        ),
        blanks=(
            BlankValue("农场.有证", ("县局",), (5,), (5,), 1, {"投资": Total(10, 0), "户数": Total(8, 0)}),
            BlankValue("农场.户数", ("乡镇",), (3,), (), 0, {"投资": Total(1, 0), "户数": Total(0, 1)}),
        ),
        readings=(Reading("大场读法", "从宽", "从严", (), (moved,), {"归类": 3}),),
        variations=(Variation("乙", side, impact.decisions, ((1, "农场", "归类"), (4, "农场", "归类"))),),
    )

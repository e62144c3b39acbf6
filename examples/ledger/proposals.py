"""Invents the projects that are not formed yet: proposed, in the library, under construction, or taken out again.

Why this exists: the rules for entering the library ask other things than the rules for a project that runs.
"""

from __future__ import annotations

import datetime

import cases
from catalogue import OPERATORS, Project, Row
from chance import Dice
from money import invent_contents, invent_fund, tenths, wan


def propose(project: Project, turn: int, dice: Dice) -> None:
    """Everything recorded of a project that is only proposed, stored or being built."""
    project.row |= invent_standing(project.case, turn, dice)
    project.row |= invent_preparation(project.case, turn, dice)
    project.row |= invent_bars(project.case, turn, dice)
    low, high = project.trade.size
    project.row |= {
        "计划总投资": wan(dice.between(300, 5000)),
        "规划规模": dice.between(low, high),
        "规模单位": project.trade.unit,
        "运营主体类型": dice.weighted(OPERATORS) if dice.percent(80) else None,
        "已纳入全程监测": dice.percent(90) if dice.percent(90) else None,
    }
    invent_contents(project, dice)
    codes = tuple(str(content["内容编号"]) for content in project.contents)
    kind = dice.pick(("衔接资金", "衔接资金", "衔接资金", "东西部协作资金", "其他"))
    project.plans.append(
        {
            "项目编号": project.row["项目编号"],
            "资金类别": kind,
            "拟投金额": project.row["计划总投资"],
            "拟投内容": codes,
        }
    )
    if project.case == "在建":
        project.funds.append(invent_fund(project, kind, 2025, tenths(project.row["计划总投资"]), codes, dice))
        project.plans.clear()


def invent_standing(case: str, turn: int, dice: Dice) -> Row:
    """Where it stands on the way into the library and the plan of the year."""
    if case in cases.PROPOSED_NAMES:
        row: Row = {"项目阶段": "谋划", "在库状态": ("拟入库", "未入库", "拟入库")[turn % 3]}
        return row | {"已录入信息系统": dice.percent(40)}
    stored = datetime.date(2025, dice.between(1, 6), dice.between(1, 28))
    row = {
        "项目阶段": "在库", "在库状态": "在库", "入库年度": 2025, "入库日": stored if turn % 4 else None,
        "已录入信息系统": True, "入库程序已履行": dice.percent(85), "符合年度计划条件": dice.percent(50),
    }  # fmt: skip
    if case == "已出库":
        return row | {"在库状态": "已出库"}
    if case == "在建":
        planned = (datetime.date(2025, 9, 30), datetime.date(2026, 3, 31))[turn % 2]
        started = datetime.date(2025, 4, dice.between(1, 28))
        row |= {"项目阶段": "在建", "在库状态": "已列年度计划", "开工日": started, "计划建成日": planned}
        return row | {"年度计划年度": 2025, "符合年度计划条件": True, "手续和施工准备已做好": turn % 3 != 1}
    if turn % 3 == 1:
        row |= {"在库状态": "已列年度计划", "年度计划年度": 2026, "手续和施工准备已做好": dice.percent(50)}
    return row


def invent_preparation(case: str, turn: int, dice: Dice) -> Row:
    """The four preparations and the three things to settle beforehand: done, lacking, or not filled in."""
    four = ("谋划论证已完成", "建设条件已落实", "运营方案已制定", "联农带农机制已设计")
    three = ("资产权属已明确", "管护运营机制已明确", "收益分配方案已明确")
    row: Row = dict.fromkeys((*four, *three), True)
    if case == "入库·前期不全" or (case.startswith("在库") and turn % 4 == 3):
        row |= {four[turn % 4]: False, four[(turn + 2) % 4]: None, three[turn % 3]: False}
    elif dice.percent(15):
        row |= {three[turn % 3]: None}
    return row


def invent_bars(case: str, turn: int, dice: Dice) -> Row:
    """The four bars to entering the library, each ruled out, found, or not judged."""
    row: Row = {
        "不符合政策方向": False,
        "不适应市场": False,
        "运营有安全风险": False,
        "难以落地": False,
        "可能难以落地": False,
    }
    match case:
        case "入库·方向不符" | "在库·方向不符":
            return row | {"不符合政策方向": True}
        case "入库·市场不适应":
            return row | {
                "不适应市场": True,
                "难以落地": True if turn else None,
                "难以落地成因": ("市场",) if turn else None,
            }
        case "入库·安全风险":
            return row | {"运营有安全风险": True}
        case "入库·难以落地" | "在库·难以落地":
            cause = (("用地",), ("政策",), ("市场", "主体"), ("主体",), ("其他",), None)[turn % 6]
            return row | {"难以落地": True, "难以落地成因": cause}
        case "入库·禁入未填":
            return row | {("不符合政策方向", "运营有安全风险", "难以落地")[turn % 3]: None}
        case "在库·落地未填":
            return row | {"难以落地": None, "难以落地成因": None if turn else ("政策",)}
        case _:
            return row

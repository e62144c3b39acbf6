"""Invents the assets of a project: what it owns, what stands idle, and what has been, or is to be, disposed of.

Why this exists: every rung of the ladder from leasing out to scrapping, every procedure done or skipped on the way, and
every prohibition has a story here, so that the ledger holds each of them.

Invariant: a story is a set of cells laid over an ordinary asset; a key that maps to None blanks the cell.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

import cases
from catalogue import Project, Row
from chance import Dice

LONG_AGO, LATELY = datetime.date(2023, 5, 1), datetime.date(2025, 4, 10)
SOLD_ON = datetime.date(2025, 8, 18)
IDLE: Row = {"现已闲置": True, "闲置起始日": LONG_AGO}
# Laid under each request to dispose of an asset: nothing yet speaks for it, and nothing has been done.
REQUEST: Row = IDLE | {"拟处置": True, "设施完善": False, "处置方式": "拍卖", "处置程序已履行": False, "交易真实": None}
DONE: Row = {
    "处置程序已履行": True,
    "处置程序办结日": SOLD_ON - datetime.timedelta(days=12),
    "处置日": SOLD_ON,
    "处置台账号": "示例处〔2025〕{}号",
    "交易真实": True,
}
REUSED: Row = {
    "处置所得拟用途": "巩固拓展脱贫攻坚成果",
    "再申报项目": "示例县冷链补短板项目",
    "申报主体为权属主体": True,
}

IDLE_STORIES: dict[str, Row] = {
    "闲置已久而设施完善": IDLE | {"设施完善": True},
    "闲置不久": IDLE | {"闲置起始日": LATELY, "设施完善": True},
    "闲置起始日未填": IDLE | {"闲置起始日": None, "设施完善": True},
    "丧失经营能力而基础设施可用": IDLE | {"设施完善": False, "丧失经营能力": True, "基础设施可用": True},
    "丧失经营能力而可用与否未填": IDLE | {"设施完善": False, "丧失经营能力": True, "基础设施可用": None},
    "损毁可以修复": IDLE | {"设施完善": False, "损毁程度": "可修复", "损毁原因": "自然灾害"},
    "闲置而设施未判": IDLE | {"设施完善": None},
}
DISPOSAL_STORIES: dict[str, Row] = {
    "灾害损毁": REQUEST
    | DONE
    | {"损毁程度": "无法修复", "损毁原因": "自然灾害", "丧失使用功能": True, "处置方式": "报损"},
    "规划调整损毁": REQUEST
    | {
        "损毁程度": "无法修复",
        "损毁原因": "规划调整",
        "丧失使用功能": True,
        "处置方式": "拆除",
        "处置程序已履行": True,
    },
    "损毁原因不在列": REQUEST | {"损毁程度": "无法修复", "损毁原因": "其他", "丧失使用功能": True, "处置方式": "核销"},
    "损毁而功能未失": REQUEST | {"损毁程度": "无法修复", "损毁原因": "自然灾害", "丧失使用功能": False},
    "不具备盘活条件": REQUEST | {"不具备盘活条件": True, "处置程序已履行": None},
    "已无盘活价值": REQUEST | DONE | {"已无盘活价值": True, "处置收入": Decimal("8.6")} | REUSED,
    "报废到期": REQUEST | DONE | {"报废期限届满日": datetime.date(2025, 3, 31), "处置方式": "报废"},
    "报废未到期": REQUEST | {"报废期限届满日": datetime.date(2029, 12, 31), "处置方式": "报废"},
    "其他理由成立": REQUEST | {"其他处置理由": "河道整治占用场地", "其他理由成立": True, "处置程序已履行": True},
    "其他理由待审批": REQUEST | {"其他处置理由": "运营主体申请退租后变卖", "其他理由成立": None},
    "理由未写": REQUEST | {"其他处置理由": None, "其他理由成立": None},
    "转公益与处置重叠": REQUEST | {"丧失经营能力": True, "基础设施可用": True, "不具备盘活条件": True},
    "无需处置而拟处置": REQUEST | {"处置方式": "转让", "其他处置理由": "无", "其他理由成立": False},
    "虚假交易": REQUEST | DONE | {"已无盘活价值": True, "处置收入": Decimal("1.2"), "交易真实": False} | REUSED,
    "已处置而未办程序": REQUEST | {"不具备盘活条件": True, "处置日": SOLD_ON, "处置方式": "转让"},
    "已处置而无台账": REQUEST | DONE | {"已无盘活价值": True, "处置台账号": None, "已入资产台账": False},
    "企业资产未办手续": REQUEST | {"权属": "企业", "不具备盘活条件": True, "处置日": SOLD_ON, "处置方式": "转让"},
    "处置收入未再投入": REQUEST
    | DONE
    | {"不具备盘活条件": True, "处置收入": Decimal(23), "再申报项目": "无", "处置所得拟用途": None},
    "处置收入他用": REQUEST
    | DONE
    | {"不具备盘活条件": True, "处置收入": Decimal("6.4"), "再申报项目": "无", "处置所得拟用途": "发放村干部补贴"},
}
EQUITY: Row = {"资产类别": "权益类", "现已闲置": False, "设施完善": None}
EQUITY_STORIES: dict[str, Row] = {
    "权益到期已再投": EQUITY | {"权益到期日": datetime.date(2025, 6, 30), "收回本金": Decimal(50)} | REUSED,
    "权益到期未再投": EQUITY | {"权益到期日": datetime.date(2025, 5, 31), "收回本金": Decimal(30), "再申报项目": "无"},
    "权益到期待核实": EQUITY | {"权益到期日": datetime.date(2025, 9, 30), "收回本金": Decimal(20), "再申报项目": None},
    "权益未到期": EQUITY | {"权益到期日": datetime.date(2027, 6, 30)},
}


class StoryDeck:
    """Deals the stories in turn, so that each one comes up before any is repeated."""

    def __init__(self) -> None:
        self._dealt = {"闲置": 0, "处置": 0, "权益": 0}

    def deal(self, kind: str) -> Row:
        """The next story of 闲置, 处置 or 权益."""
        stories = {"闲置": IDLE_STORIES, "处置": DISPOSAL_STORIES, "权益": EQUITY_STORIES}[kind]
        turn = self._dealt[kind]
        self._dealt[kind] += 1
        story = dict(list(stories.values())[turn % len(stories)])
        numbered = story.get("处置台账号")
        if isinstance(numbered, str):
            story["处置台账号"] = numbered.format(turn + 1)
        return story


def invent_assets(project: Project, dice: Dice, stories: StoryDeck) -> None:
    """The assets of a formed project, the first ones with a story where the project has come to that."""
    if dice.percent(3) and project.case == "升级":
        return  # No list supplied at all: whatever depends on assets stays open.
    plots = choose_plots(project, dice)
    for index in range(max(len(plots), dice.weighted(((1, 55), (2, 35), (3, 10))))):
        asset = invent_asset(project, index + 1, dice)
        if index < len(plots):
            asset |= stories.deal(plots[index])
        if asset.get("现已闲置"):
            asset["闲置原值"] = asset["原值"]
        project.assets.append(asset)


def choose_plots(project: Project, dice: Dice) -> list[str]:
    """Which kinds of story the project's assets have."""
    case = project.case
    if case in cases.EXITED_NAMES:
        return ["处置", "处置"] if dice.percent(40) else ["处置"]
    if case.startswith("调整"):
        return ["处置", "闲置"]
    if project.row.get("运营状态") == "停产闲置" or "投入过大闲置多" in str(project.row.get("困难成因")):
        return ["闲置", "闲置"]
    if case == "难以为继而技术不落后":
        return ["处置"]
    return ["权益"] if dice.percent(3) else ["闲置"] if dice.percent(4) else []


def invent_asset(project: Project, index: int, dice: Dice) -> Row:
    """An ordinary asset in use, on the books, registered and looked after, nearly always."""
    value = dice.between(100, 2600)
    village, township = str(project.row["村"]), str(project.row["乡镇"])
    kind = dice.weighted((("经营性", 86), ("公益性", 9), ("到户类", 5)))
    owner = "农户" if kind == "到户类" else dice.weighted((("集体", 76), ("国有", 14), ("企业", 6), ("未确权", 4)))
    return {
        "项目编号": project.row["项目编号"],
        "资产编号": f"{project.row['项目编号']}-Z{index}",
        "资产名称": project.trade.works[(index - 1) % len(project.trade.works)],
        "资产类别": kind if dice.percent(97) else None,
        "权属": owner if dice.percent(97) else None,
        "收益权归属": dice.weighted((("村", 80), ("乡", 8), ("县", 4), ("未明确", 4), (None, 4))),
        "原值": Decimal(value) / 10,
        "净值": Decimal(value * dice.between(30, 95) // 100) / 10,
        "已入资产台账": True if dice.percent(95) else dice.pick((False, None)),
        "登记约定日": datetime.date(2025, 12, 31) if dice.percent(5) else None,
        "已确权登记": True if dice.percent(90) else dice.pick((False, None)),
        "管护主体": dice.weighted(
            ((f"{village}委会", 55), (f"示例{township[:2]}合作社", 25), (f"{township}人民政府", 14), (None, 6))
        ),
        "管护措施已落实": True if dice.percent(92) else dice.pick((False, None)),
        "风险隐患已排查消除": True if dice.percent(92) else dice.pick((False, None)),
        "现已闲置": False,
        "设施完善": True if dice.percent(50) else None,
        "丧失经营能力": False,
        "损毁程度": "无",
        "丧失使用功能": False,
        "不具备盘活条件": False,
        "已无盘活价值": False,
        "报废期限届满日": datetime.date(dice.between(2027, 2040), 12, 31),
        "其他处置理由": "无",
        "其他理由成立": False,
        "拟处置": False,
        "处置收入": 0 if dice.percent(85) else None,
    }
